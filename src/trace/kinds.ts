// Which spans are alike: same source, point, service and name, numbers and ids folded; a call
// also goes to the same callee. Worker-7 is of the kind of Worker-12.
import { foldName } from './fold';
import { Point, type Trace } from './model';

export interface Kinds {
  /** Number of the kind of each span, from 0. */
  of: Int32Array;
  count: number;
}

export function findKinds(t: Trace): Kinds {
  const of = new Int32Array(t.length);
  const names = new Texts();
  const callees = new Texts();
  const kinds = new Numbers();
  const pairs = new Numbers();
  for (let i = 0; i < t.length; i++) {
    const name = names.number(t.text.name[i] || t.text.request[i]);
    const callee = t.point[i] === Point.ClientProcess ? callees.number(t.text.server[i]) + 1 : 0;
    const who = (t.service[i] * 8 + t.point[i]) * 4 + t.source[i];
    of[i] = kinds.number(pairs.number(name, callee), who);
  }
  return { of, count: kinds.count };
}

/** Numbers for texts, the same for those that differ in digits only. */
class Texts {
  private readonly raw = new Map<string, number>();
  private readonly folded = new Map<string, number>();

  number(text: string): number {
    let n = this.raw.get(text);
    if (n === undefined) {
      const folded = foldName(text);
      n = this.folded.get(folded) ?? this.folded.size;
      this.folded.set(folded, n);
      this.raw.set(text, n);
    }
    return n;
  }
}

/** Numbers for pairs of numbers below 2^26. */
class Numbers {
  private readonly known = new Map<number, number>();

  get count(): number {
    return this.known.size;
  }

  number(a: number, b: number): number {
    const key = a * 0x4000000 + b;
    let n = this.known.get(key);
    if (n === undefined) {
      this.known.set(key, (n = this.known.size));
    }
    return n;
  }
}
