// What the panel's editor offers: how a trace is shown until somebody chooses otherwise.
import type { PanelOptionsEditorBuilder } from '@grafana/data';
import { DEFAULT_CHOICES, TABS, type Choices, type Sources, type Tab } from './state/choices';

/** As dashboards store them. */
export interface PanelOptions {
  view?: Tab;
  layers?: LayerOption;
  colourBy?: string;
  density?: Choices['density'];
  split?: boolean;
}

const LAYERS = { app: [true, false, false], sys: [true, true, false], all: [true, true, true] } as const satisfies Record<string, Sources>;
type LayerOption = keyof typeof LAYERS;

export function choicesOf({ view, layers, colourBy, density, split }: PanelOptions): Choices {
  return {
    tab: view ?? DEFAULT_CHOICES.tab,
    sources: LAYERS[layers ?? 'all'] ?? DEFAULT_CHOICES.sources,
    colourBy: colourBy?.trim() || DEFAULT_CHOICES.colourBy,
    density: density ?? DEFAULT_CHOICES.density,
    split: split ?? DEFAULT_CHOICES.split,
    query: DEFAULT_CHOICES.query,
    matchesOnly: DEFAULT_CHOICES.matchesOnly,
  };
}

const CATEGORY = ['Shown at first'];

export function buildOptions(builder: PanelOptionsEditorBuilder<PanelOptions>): void {
  builder
    .addSelect({
      category: CATEGORY,
      path: 'view',
      name: 'View',
      description: 'What somebody chooses in the panel is kept in the address instead.',
      defaultValue: DEFAULT_CHOICES.tab,
      settings: { options: TABS.map(([value, label]) => ({ value, label })) },
    })
    .addBooleanSwitch({
      category: CATEGORY,
      path: 'split',
      name: 'Flame graph and waterfall together',
      defaultValue: DEFAULT_CHOICES.split,
    })
    .addRadio({
      category: CATEGORY,
      path: 'layers',
      name: 'Layers',
      description: 'Code, system calls, packets: where a trace has them.',
      defaultValue: 'all',
      settings: {
        options: [
          { value: 'app', label: 'APP' },
          { value: 'sys', label: '+ SYS' },
          { value: 'all', label: 'All' },
        ],
      },
    })
    .addTextInput({
      category: CATEGORY,
      path: 'colourBy',
      name: 'Colour by',
      description: 'service, namespace, node, pod, protocol, status or any attribute of spans or their resources, as http.route.',
      defaultValue: DEFAULT_CHOICES.colourBy,
    })
    .addSelect({
      category: CATEGORY,
      path: 'density',
      name: 'Drawn as',
      description: 'In the flame graph.',
      defaultValue: DEFAULT_CHOICES.density,
      settings: {
        options: [
          { value: 'auto', label: 'Whatever suits the trace' },
          { value: 'strands', label: 'Rows, network as strands' },
          { value: 'rows', label: 'Rows, network too' },
          { value: 'folded', label: 'Rows, network folded' },
          { value: 'alike', label: 'Alike spans in one bar' },
          { value: 'texture', label: 'Texture, where there are many' },
        ],
      },
    });
}
