// Each export is read again.
import { describe, expect, it } from 'vitest';
import { analyse } from '../analysis';
import { spans, webshop } from '../fixture';
import { readTrace } from '../frame';
import { TEXT_COLUMNS } from '../model';
import { fromJson, toJson } from './json';
import { toFlowchart, toSequenceDiagram } from './mermaid';

const t = webshop();

describe('JSON', () => {
  it('read again is the same trace', () => {
    const again = readTrace(fromJson(JSON.stringify(toJson(t))));
    expect([...again.parent]).toEqual([...t.parent]);
    expect([...again.start]).toEqual([...t.start]);
    expect([...again.end]).toEqual([...t.end]);
    expect([...again.confidence]).toEqual([...t.confidence]);
    expect([...again.missing]).toEqual([...t.missing]);
    expect([...again.origin]).toEqual([...t.origin]);
    TEXT_COLUMNS.forEach((name) => expect([name, ...Array.from(again.text[name])]).toEqual([name, ...Array.from(t.text[name])]));
    expect(again.meta.traceId).toBe(t.meta.traceId);
    expect(toJson(again)).toEqual(toJson(t));
  });

  it.each(['', '{', '[]', 'null', '{"spans":3}'])('says what is wrong with %j', (text) => {
    expect(() => fromJson(text)).toThrow(/JSON document/);
  });

  it('of strange values still reads', () => {
    expect(readTrace(fromJson('{"spans":[{"id":7,"parent":"no such","offset_ns":"x"},{}]}')).length).toBe(2);
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
