// One line at every width: what has no room moves into the menu at its end, the least wanted first.
import React, { useMemo, useRef } from 'react';
import { t } from '../language/t';
import { hasAlike } from '../trace/alike';
import type { Density } from '../trace/layout';
import { useTrace } from './context';
import { canSplit, hasHops, shownTab, tabName, tabsOf, type Sources } from './state/choices';
import { TEXTURE_FROM } from './state/view';
import type { ClockChoice } from './clocks';
import { ExportMenu, type ExportMenuProps } from './ExportMenu';
import { Find, type FindProps } from './find/Find';
import { Pills } from './find/Pills';
import { Modes, Travel, Zoom } from './GraphTools';
import { More, MoreItem, MoreLine } from './toolbar/More';
import { Tabs } from './toolbar/Tabs';
import { useOverflow } from './toolbar/useOverflow';
import type { Attributes } from './useAttribute';
import { ViewMenu } from './ViewMenu';

const depths = (): ReadonlyArray<[Sources, string]> => [
  [[true, false, false], 'APP'],
  [[true, true, false], '+ SYS'],
  [[true, true, true], t('layers.all', 'All')],
];
const densities = (many: boolean): ReadonlyArray<[Density, string]> => {
  const alike = t('toolbar.alike', 'Alike');
  const rows = t('toolbar.rows', 'Rows');
  return many
    ? [
        ['texture', t('toolbar.texture', 'Texture')],
        ['alike', alike],
        ['strands', rows],
      ]
    : [
        ['folded', t('toolbar.folded', 'Folded')],
        ['strands', t('toolbar.strands', 'Strands')],
        ['rows', rows],
        ['alike', alike],
      ];
};

export interface ToolbarProps extends Omit<ExportMenuProps, 'opener'>, FindProps {
  clocks?: ClockChoice;
  attributes?: Attributes;
  /** Why the attribute that is coloured by is not there. */
  attributeError?: string;
  fit: () => void;
}

interface Tool {
  key: string;
  /** The lower, the longer it stays in the bar. */
  rank: number;
  name: string;
  control: React.ReactNode;
  /** Instead of the control, a line of the menu that opens something; what it opens. */
  opens?: { press: () => void; popover?: React.ReactNode };
}

/** Ranks of the views beside the chosen one, among those of the tools. */
const TABS_SEEN = 1; // flame graph and waterfall
const TABS_REST = 5;

export function Toolbar({ found, at, goToHit, fit, findBox, scene, timeRange, clocks, attributes, attributeError }: ToolbarProps) {
  const { analysis, state, act } = useTrace();
  const tab = shownTab(analysis.trace, state.tab);
  const bar = useRef<HTMLDivElement>(null);
  const more = useRef<HTMLButtonElement>(null);
  const viewMenu = { clocks, attributes, attributeError };
  const exportMenu = { scene, timeRange };
  const tools: Tool[] = [
    { key: 'pills', rank: 4, name: t('find.find', 'Find'), control: <Pills /> },
    ...(hasHops(analysis.trace) ? [{ key: 'layers', rank: 6, name: t('toolbar.layers', 'Layers'), control: <Layers /> }] : []),
    { key: 'view', rank: 2, name: t('toolbar.view', 'View'), control: <ViewMenu {...viewMenu} />, opens: { press: () => act.openMenu('view'), popover: <ViewMenu {...viewMenu} opener={more} /> } },
    { key: 'export', rank: 7, name: t('export.export', 'Export'), control: <ExportMenu {...exportMenu} />, opens: { press: () => act.openMenu('export'), popover: <ExportMenu {...exportMenu} opener={more} /> } },
    ...(tab === 'flame'
      ? [
          { key: 'density', rank: 11, name: analysis.trace.length > TEXTURE_FROM ? t('toolbar.spans-as', 'Spans as') : t('toolbar.network-as', 'Network as'), control: <Densities /> },
          { key: 'critical', rank: 12, name: t('toolbar.critical-name', 'Only what holds the time'), control: <Critical /> },
        ]
      : []),
    { key: 'travel', rank: 4, name: t('toolbar.travel', 'View before, after'), control: <Travel /> },
    ...(canSplit(tab) ? [{ key: 'modes', rank: 10, name: t('toolbar.modes', 'Drag zooms, both graphs'), control: <Modes /> }] : []),
    { key: 'zoom', rank: 9, name: t('toolbar.zoom', 'Zoom'), control: <Zoom /> },
    {
      key: 'fit',
      rank: 3,
      name: t('toolbar.fit-name', 'The request, or the whole trace'),
      control: (
        <button className="tl-icon" title={t('toolbar.fit-help', 'The request; once more: the whole trace (0)')} onClick={fit}>
          {t('toolbar.fit', 'Fit')}
        </button>
      ),
    },
    { key: 'keys', rank: 8, name: t('keys.keys', 'Keys'), control: <Keys />, opens: { press: () => (act.openMenu(''), act.toggleKeys()) } },
  ];
  const tabs = tabsOf(analysis.trace);
  const rankOf = (name: string) => (name === tab ? 0 : canSplit(name as typeof tab) ? TABS_SEEN : TABS_REST);
  const ranked = [...tabs.map((key) => ({ key: key as string, rank: rankOf(key) })), ...tools].sort((a, b) => a.rank - b.rank).map(({ key }) => key);
  const { moved, focus } = useOverflow(bar, ranked);
  return (
    <div className="tl-bar" ref={bar} {...focus}>
      <Tabs moved={moved} />
      <span className="tl-grow" />
      <Find found={found} at={at} goToHit={goToHit} findBox={findBox} />
      {tools
        .filter(({ key }) => !moved.has(key))
        .map(({ key, control }) => (
          <span key={key} className="tl-item" data-item={key}>
            {control}
          </span>
        ))}
      {moved.size > 0 && (
        <More button={more}>
          {tabs
            .filter((key) => moved.has(key) && key !== tab)
            .map((key) => (
              <MoreItem key={key} item={key} onClick={() => (act.openMenu(''), act.show(key))}>
                {tabName(key)}
              </MoreItem>
            ))}
          {tools
            .filter(({ key }) => moved.has(key))
            .map(({ key, name, control, opens }) =>
              opens ? (
                <MoreItem key={key} item={key} onClick={opens.press}>
                  {name}
                </MoreItem>
              ) : (
                <MoreLine key={key} item={key} name={name}>
                  {control}
                </MoreLine>
              )
            )}
        </More>
      )}
      {tools.filter(({ key }) => moved.has(key)).map(({ key, opens }) => opens?.popover && <React.Fragment key={key}>{opens.popover}</React.Fragment>)}
    </div>
  );
}

/** How deep the picture goes: code, its system calls, all. */
function Layers() {
  const { state, act } = useTrace();
  return (
    <div className="tl-group" role="group" aria-label={t('toolbar.layers', 'Layers')}>
      {depths().map(([sources, name], k) => (
        <button key={name} aria-pressed={sources.join() === state.sources.join()} title={`${name} (${k + 1})`} onClick={() => act.showSources(sources)}>
          {name}
        </button>
      ))}
    </div>
  );
}

function Densities() {
  const { analysis, layout, act } = useTrace();
  const foldable = useMemo(() => hasAlike(analysis.trace, analysis.kinds), [analysis.trace.order, analysis.kinds]); // eslint-disable-line react-hooks/exhaustive-deps -- colours make nothing alike
  const many = analysis.trace.length > TEXTURE_FROM;
  return (
    <div className="tl-group" role="group" aria-label={many ? t('toolbar.spans-drawn', 'How spans are drawn') : t('toolbar.network-drawn', 'How network spans are drawn')}>
      {densities(many)
        .filter(([density]) => density !== 'alike' || foldable)
        .map(([density, name]) => (
          <button key={density} aria-pressed={layout.density === density} onClick={() => act.draw(density)}>
            {name}
          </button>
        ))}
    </div>
  );
}

function Critical() {
  const { state, act } = useTrace();
  return (
    <button className="tl-icon" aria-pressed={state.critical} title={t('toolbar.critical-help', 'Only what holds the time (C)')} onClick={() => act.toggleCritical()}>
      {t('toolbar.critical', 'Critical')}
    </button>
  );
}

function Keys() {
  const { state, act } = useTrace();
  return (
    <button className="tl-icon" aria-label={t('keys.keys', 'Keys')} aria-expanded={state.keysOpen} title={`${t('keys.keys', 'Keys')} (?)`} onClick={() => act.toggleKeys()}>
      ?
    </button>
  );
}
