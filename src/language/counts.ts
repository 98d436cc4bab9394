// Counted things in the user's language.
import { formatCount } from '../trace/format';
import { t } from './t';

export const spans = (n: number): string => (n === 1 ? t('count.span', '1 span') : t('count.spans', '{{n}} spans', { n: formatCount(n) }));
export const traces = (n: number): string => (n === 1 ? t('count.trace', '1 trace') : t('count.traces', '{{n}} traces', { n: formatCount(n) }));
export const requests = (n: number): string => (n === 1 ? t('count.request', '1 request') : t('count.requests', '{{n}} requests', { n: formatCount(n) }));
export const errors = (n: number): string => (n === 1 ? t('count.error', '1 error') : t('count.errors', '{{n}} errors', { n: formatCount(n) }));
export const links = (n: number): string => (n === 1 ? t('count.link', '1 link') : t('count.links', '{{n}} links', { n: formatCount(n) }));
export const calls = (n: number): string => (n === 1 ? t('count.call', '1 call') : t('count.calls', '{{n}} calls', { n: formatCount(n) }));
export const children = (n: number): string => (n === 1 ? t('count.child', '1 child') : t('count.children', '{{n}} children', { n: formatCount(n) }));
/** What a list leaves out. */
export const andMore = (n: number): string => t('count.more', '… and {{n}} more', { n: formatCount(n) });
