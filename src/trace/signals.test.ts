import { describe, expect, it } from 'vitest';
import { exploreUrl, readShift, signalLinks, type SignalSettings, type SignalSpan } from './signals';

const span: SignalSpan = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  name: 'GET /items',
  start: 1_700_000_000_000.25,
  duration: 12.5,
  trace: { name: 'GET /', duration: 100 },
  tags: { 'k8s.pod.name': 'web-0', 'k8s.namespace.name': 'shop', 'service.name': 'web "1"', 'process.pid': '7' },
};
const types: Record<string, string> = { l: 'loki', e: 'elasticsearch', p: 'prometheus', y: 'grafana-pyroscope-datasource', s: 'grafana-splunk-datasource', o: 'other' };
const links = (settings: SignalSettings, of: Partial<SignalSpan> = {}) => signalLinks(settings, { ...span, ...of }, (uid) => types[uid]);
const logs = (tracesToLogsV2: SignalSettings['tracesToLogsV2'], of?: Partial<SignalSpan>) => links({ tracesToLogsV2 }, of)[0]?.query;

describe('logs of a span', () => {
  it('are those of its pod, in the language of the data source', () => {
    expect(logs({ datasourceUid: 'l' })).toEqual({ expr: '{namespace="shop", pod="web-0"}' });
    expect(logs({ datasourceUid: 'e' })).toEqual({ query: 'namespace:"shop" AND pod:"web-0"', metrics: [{ id: '1', type: 'logs' }] });
    expect(logs({ datasourceUid: 's' })?.query).toBe('namespace="shop" pod="web-0"');
    expect(logs({ datasourceUid: 'o' })?.expr).toBe('namespace="shop", pod="web-0"');
  });

  it('can be those that name the trace or the span', () => {
    expect(logs({ datasourceUid: 'l', filterByTraceID: true, filterBySpanID: true })?.expr).toBe(
      `{namespace="shop", pod="web-0"} |= "${span.traceId}" |= "${span.spanId}"`
    );
  });

  it('are asked for by the tags that were chosen, under the names of the data source', () => {
    const tags = [{ key: 'process.pid' }, { key: 'service.name', value: 'app' }, { key: 'not.there' }, { key: '' }];
    expect(logs({ datasourceUid: 'l', tags })?.expr).toBe('{process_pid="7", app="web \\"1\\""}');
  });

  it('have no link where nothing is configured, the data source is gone, or the span has none of the tags', () => {
    expect(links({})).toEqual([]);
    expect(links({ tracesToLogsV2: {} })).toEqual([]);
    expect(logs({ datasourceUid: 'removed' })).toBeUndefined();
    expect(logs({ datasourceUid: 'l' }, { tags: {} })).toBeUndefined();
  });
});

describe('a query of one’s own', () => {
  const custom = (query: string, of?: Partial<SignalSpan>) => logs({ datasourceUid: 'l', customQuery: true, query }, of)?.expr;
  it.each([
    ['{${__tags}}', '{namespace="shop", pod="web-0"}'],
    ['{$__tags} | pid="${__span.tags["process.pid"]}"', '{namespace="shop", pod="web-0"} | pid="7"'],
    [`{pod="\${__span.tags['k8s.pod.name']}"}`, '{pod="web-0"}'],
    ['{pod="${__span.tags.k8s.pod.name}"}', '{pod="web-0"}'],
    ['{a="b"} |= "${__span.traceId}" != "${__span.spanId}"', `{a="b"} |= "${span.traceId}" != "${span.spanId}"`],
    ['{n="${__span.name}", t="${__trace.name}"}', '{n="GET /items", t="GET /"}'],
    ['{pod="web"} |= "$5"', '{pod="web"} |= "$5"'],
  ])('%s', (query, expr) => expect(custom(query)).toBe(expr));

  it('keeps quotes in values from ending the text', () => {
    expect(custom('{app="${__span.tags["service.name"]}"}')).toBe('{app="web \\"1\\""}');
    expect(custom('{app="${__span.tags["x"]}"}', { tags: { x: 'a"} | drop\\\n' } })).toBe('{app="a\\"} | drop\\\\\\n"}');
  });

  it.each(['{pod="${__span.tags["not.there"]}"}', '{a="${__span.what}"}', '', '{${__tags}}'])('gives no link where the span has not what it names: %s', (query) =>
    expect(custom(query, { tags: {} })).toBeUndefined()
  );
});

it('links each query of metrics by its name', () => {
  const found = links({
    tracesToMetrics: { datasourceUid: 'p', queries: [{ name: 'CPU', query: 'sum(rate(cpu{$__tags}[5m]))' }, { query: 'up{x="${__span.tags.none}"}' }] },
  });
  expect(found.map((l) => [l.signal, l.name, l.query.expr])).toEqual([['metrics', 'CPU', 'sum(rate(cpu{namespace="shop", pod="web-0"}[5m]))']]);
});

it('links profiles by the service', () => {
  const [link] = links({ tracesToProfiles: { datasourceUid: 'y', profileTypeId: 'process_cpu:cpu' } });
  expect(link.query).toEqual({ labelSelector: '{service_name="web \\"1\\""}', profileTypeId: 'process_cpu:cpu', groupBy: [], queryType: 'profile' });
});

describe('the time of a link', () => {
  const time = (spanStartTimeShift?: string, spanEndTimeShift?: string, of?: Partial<SignalSpan>) => {
    const [{ from, to }] = links({ tracesToLogsV2: { datasourceUid: 'l', spanStartTimeShift, spanEndTimeShift } }, of);
    return [from - 1_700_000_000_000, to - 1_700_000_000_000];
  };
  it('is the span’s, as whole milliseconds and one at least', () => {
    expect(time()).toEqual([0, 12]);
    expect(time(undefined, undefined, { duration: 0 })).toEqual([0, 1]);
  });
  it('can reach further to both sides', () => expect(time('-1m', '30s')).toEqual([-60_000, 30_012]));
  it('never ends before it begins', () => expect(time('5m', '-5m')).toEqual([300_000, 300_001]));
  it('is the span’s where a shift cannot be read', () => expect(time('soon', '-')).toEqual([0, 12]));
  it.each([['-1h', -3600e3], ['1.5s', 1500], ['', 0], ['0', 0], [undefined, 0], ['5', undefined], ['5x', undefined]])('%s is %s ms', (text, ms) => expect(readShift(text)).toBe(ms));
});

it('opens in Explore', () => {
  const [link] = links({ tracesToLogsV2: { datasourceUid: 'l' } });
  const panes = JSON.parse(new URL(exploreUrl(link), 'http://grafana').searchParams.get('panes')!);
  expect(panes.a).toEqual({
    datasource: 'l',
    queries: [{ refId: 'A', datasource: { uid: 'l', type: 'loki' }, expr: '{namespace="shop", pod="web-0"}' }],
    range: { from: '1700000000000', to: '1700000000012' },
  });
});
