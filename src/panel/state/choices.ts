// How a trace is looked at, whichever trace it is: the panel's options say it at first, the
// address where it was chosen otherwise, so that a link shows what its sender saw.
import { t } from '../../language/t';
import type { Density } from '../../trace/layout';
import type { Trace } from '../../trace/model';

export const TABS = ['flame', 'waterfall', 'services', 'hops', 'requests', 'compare', 'json'] as const;
export type Tab = (typeof TABS)[number];

export const tabName = (tab: Tab): string =>
  ({
    flame: t('tab.flame', 'Flame'),
    waterfall: t('tab.waterfall', 'Waterfall'),
    services: t('tab.services', 'Services'),
    hops: t('tab.hops', 'Hop path'),
    requests: t('tab.requests', 'Requests'),
    compare: t('tab.compare', 'Compare'),
    json: 'JSON',
  })[tab];

/** Which of APP, SYS and NET are shown. */
export type Sources = readonly [boolean, boolean, boolean];

export interface Choices {
  tab: Tab;
  sources: Sources;
  /** What colour stands for; see trace/group.ts. */
  colourBy: string;
  /** auto: the panel's choice, see trace/arrange.ts. */
  density: Density | 'auto';
  /** Flame graph and waterfall together. */
  split: boolean;
  /** What is looked for; see trace/find. */
  query: string;
  /** Leaves out what the query does not find, but for its ancestors. */
  matchesOnly: boolean;
}

export const DEFAULT_CHOICES: Choices = { tab: 'flame', sources: [true, true, true], colourBy: 'service', density: 'auto', split: false, query: '', matchesOnly: false };

/** Views of requests as system calls and packets showed them. */
const OF_HOPS: ReadonlySet<Tab> = new Set(['hops', 'requests']);

/** Whether anything was seen beside code: else there is nothing to say of hops and layers. */
export const hasHops = ({ meta }: Pick<Trace, 'meta'>): boolean => meta.counts.sys + meta.counts.net > 0;

export const tabsOf = (trace: Pick<Trace, 'meta'>): readonly Tab[] => (hasHops(trace) ? TABS : TABS.filter((tab) => !OF_HOPS.has(tab)));

/** The views that are shown together. */
export const canSplit = (tab: Tab): boolean => tab === 'flame' || tab === 'waterfall';

/** The view that is shown: what was chosen, where this trace has it. */
export const shownTab = (trace: Pick<Trace, 'meta'>, chosen: Tab): Tab => (tabsOf(trace).includes(chosen) ? chosen : DEFAULT_CHOICES.tab);
