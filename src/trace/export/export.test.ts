// What each export has in it.
import { describe, expect, it } from 'vitest';
import { analyse } from '../analysis';
import { spans, webshop } from '../fixture';
import { batchFrame } from '../fixture/many';
import { readTrace } from '../frame';
import { CONFIDENCE_NAMES, serviceOf } from '../model';
import { jsonText, toJson, type JsonTrace } from './json';
import { toFlowchart, toSequenceDiagram } from './mermaid';

const t = webshop();

describe('JSON', () => {
  it('has each span by its id, below its parent, with what was seen of it', () => {
    const { spans: saved, ...head } = JSON.parse(JSON.stringify(toJson(t))) as JsonTrace;
    expect(head).toMatchObject({ trace_id: t.meta.traceId, start_ns: t.meta.startNs });
    expect(saved.length).toBe(t.length);
    const before = new Set<unknown>([null]);
    saved.forEach((s, k) => {
      const i = t.order[k];
      expect(before).toContain(s.parent);
      before.add(s.id);
      expect(s).toMatchObject({ id: t.text.id[i], service: serviceOf(t, i), offset_ns: t.start[i], duration_ns: t.end[i] - t.start[i], confidence: CONFIDENCE_NAMES[t.confidence[i]] });
      expect([s.name, s.of_pod ?? '', s.reason ?? '']).toEqual([t.text.name[i], t.text.ofPod[i], t.text.reason[i]]);
    });
  });

  // The data source's tests open the same file (pkg/saved): `npx vitest -u`, then `go test ./pkg/saved -update`.
  it('is what the data source opens again', async () => {
    await expect(`${JSON.stringify(toJson(t), null, 1)}\n`).toMatchFileSnapshot('../../../pkg/saved/testdata/throughline.json');
  });

  it('has the events of spans, and whom they called', () => {
    const called = readTrace(spans([[-1, 0, 10]], { peer: ['psp'], peerKind: ['http'], events: ['[{"t":5,"name":"retry","attributes":{"n":2}}]'] }));
    expect(toJson(called).spans[0]).toMatchObject({ peer: 'psp', peer_kind: 'http', events: [{ t: 5, name: 'retry', attributes: { n: 2 } }] });
  });

  it('has only the first spans where only they are asked for', () => {
    expect(toJson(t, 3).spans).toEqual(toJson(t).spans.slice(0, 3));
  });

  it.each([['the reference', t], ['a trace of many pieces', readTrace(batchFrame(12_000))], ['one without spans', readTrace(spans([]))]])('written in pieces is the same, of %s', async (_, trace) => {
    const text = (await jsonText(trace)).join('');
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(toJson(trace))));
    expect(text.trim().split('\n').length).toBeGreaterThanOrEqual(trace.length);
  });
});

describe('Mermaid', () => {
  const PARTICIPANT = /^ {4}participant (p\d+) as .+$/;
  const MESSAGE = /^ {4}(p\d+)(->>|-->>|--x)(p\d+): [^;"<>]+$/;

  it('has each call as a message and its answer, between known participants', () => {
    const a = analyse(t);
    const [head, ...lines] = toSequenceDiagram(a).trimEnd().replace(/#\d+;/g, '').split('\n');
    expect(head).toBe('sequenceDiagram');
    const names = lines.flatMap((l) => PARTICIPANT.exec(l)?.[1] ?? []);
    const messages = lines.filter((l) => !PARTICIPANT.test(l)).map((l) => MESSAGE.exec(l));
    expect(messages.every((m) => m && names.includes(m[1]) && names.includes(m[3]))).toBe(true);
    expect(messages.filter((m) => m![2] === '->>').length).toBe(10);
    expect(messages.filter((m) => m![2] !== '->>').length).toBe(10);
    // Every answer closes the latest call that is open between the two.
    const open: string[] = [];
    for (const m of messages) {
      if (m![2] === '->>') {
        open.push(`${m![1]} ${m![3]}`);
      } else {
        const at = open.lastIndexOf(`${m![3]} ${m![1]}`);
        expect(at).toBeGreaterThanOrEqual(0);
        open.splice(at, 1);
      }
    }
    expect(open).toEqual([]);
  });

  it('as a flowchart has the services and how often they called', () => {
    const lines = toFlowchart(analyse(t)).trimEnd().split('\n');
    expect(lines[0]).toBe('flowchart LR');
    const count = lines.flatMap((l) => /\|"(\d+)×/.exec(l)?.[1] ?? []).reduce((sum, n) => sum + Number(n), 0);
    expect(count).toBe(10);
  });

  it('escapes what would end a line', () => {
    const hostile = readTrace(spans([[-1, 0, 9], [0, 1, 5]], { service: ['a"]\nend', 'b;#<x>'], name: ['x', 'y;\nz'] }));
    for (const line of toSequenceDiagram(analyse(hostile)).trimEnd().split('\n').slice(1)) {
      expect(line).toMatch(/^ {4}(participant p\d+ as|p\d)/);
      expect(line.replace(/#\d+;/g, '')).not.toMatch(/[;"<\n]/);
    }
  });
});
