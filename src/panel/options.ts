// What the panel's editor offers: how a trace is shown until somebody chooses otherwise.
import type { PanelOptionsEditorBuilder } from '@grafana/data';
import { t } from '../language/t';
import { DEFAULT_CHOICES, TABS, tabName, type Choices, type Sources, type Tab } from './state/choices';

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

export function buildOptions(builder: PanelOptionsEditorBuilder<PanelOptions>): void {
  const category = [t('options.category', 'Shown at first')];
  builder
    .addSelect({
      category,
      path: 'view',
      name: t('toolbar.view', 'View'),
      description: t('options.view-help', 'What somebody chooses in the panel is kept in the address instead.'),
      defaultValue: DEFAULT_CHOICES.tab,
      settings: { options: TABS.map((tab) => ({ value: tab, label: tabName(tab) })) },
    })
    .addBooleanSwitch({
      category,
      path: 'split',
      name: t('options.split', 'Flame graph and waterfall together'),
      defaultValue: DEFAULT_CHOICES.split,
    })
    .addRadio({
      category,
      path: 'layers',
      name: t('toolbar.layers', 'Layers'),
      description: t('options.layers-help', 'Code, system calls, packets: where a trace has them.'),
      defaultValue: 'all',
      settings: {
        options: [
          { value: 'app', label: 'APP' },
          { value: 'sys', label: '+ SYS' },
          { value: 'all', label: t('layers.all', 'All') },
        ],
      },
    })
    .addTextInput({
      category,
      path: 'colourBy',
      name: t('view.colour-by', 'Colour by'),
      description: t('options.colour-help', 'service, namespace, node, pod, protocol, status or any attribute of spans or their resources, as http.route.'),
      defaultValue: DEFAULT_CHOICES.colourBy,
    })
    .addSelect({
      category,
      path: 'density',
      name: t('options.density', 'Drawn as'),
      description: t('options.density-help', 'In the flame graph.'),
      defaultValue: DEFAULT_CHOICES.density,
      settings: {
        options: [
          { value: 'auto', label: t('options.auto', 'Whatever suits the trace') },
          { value: 'strands', label: t('options.strands', 'Rows, network as strands') },
          { value: 'rows', label: t('options.rows', 'Rows, network too') },
          { value: 'folded', label: t('options.folded', 'Rows, network folded') },
          { value: 'alike', label: t('options.alike', 'Alike spans in one bar') },
          { value: 'texture', label: t('options.texture', 'Texture, where there are many') },
        ],
      },
    });
}
