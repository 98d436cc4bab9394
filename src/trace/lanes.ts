// Siblings whose subtrees overlap in time lie in lanes below each other.

interface Boxes {
  /** First start and last end of each subtree. */
  from: Float64Array;
  to: Float64Array;
  held: Float64Array;
}

// First fit in the order of held time looks at every lane; past this many siblings the
// lanes are filled by start instead, which needs a heap only.
const FIRST_FIT = 256;

/** Sets the lane of each sibling, from 0; who is in which does not depend on heights. */
export function packLanes(siblings: Int32Array, b: Boxes, laneOf: Int32Array): void {
  if (siblings.length < 2 || disjoint(siblings, b)) {
    return; // all in lane 0
  }
  const lane = new Int32Array(siblings.length);
  if (siblings.length <= FIRST_FIT) {
    byHeld(siblings, b, lane);
  } else {
    byStart(siblings, b, lane);
  }
  siblings.forEach((i, k) => (laneOf[i] = lane[k]));
}

/** Sets the offset of each sibling's box of a height and returns the height of all lanes. */
export function stackLanes(siblings: Int32Array, laneOf: Int32Array, box: Int32Array, offset: Int32Array): number {
  let lanes = 0;
  let tallest = 0;
  for (let k = 0; k < siblings.length; k++) {
    lanes = Math.max(lanes, laneOf[siblings[k]]);
    tallest = Math.max(tallest, box[siblings[k]]);
  }
  if (lanes === 0) {
    for (let k = 0; k < siblings.length; k++) {
      offset[siblings[k]] = 0;
    }
    return tallest;
  }
  const top = new Int32Array(lanes + 2);
  for (let k = 0; k < siblings.length; k++) {
    const l = laneOf[siblings[k]] + 1;
    top[l] = Math.max(top[l], box[siblings[k]]);
  }
  for (let l = 0; l <= lanes; l++) {
    top[l + 1] += top[l];
  }
  for (let k = 0; k < siblings.length; k++) {
    offset[siblings[k]] = top[laneOf[siblings[k]]];
  }
  return top[lanes + 1];
}

function disjoint(siblings: Int32Array, b: Boxes): boolean {
  let end = -Infinity;
  for (const i of siblings) {
    if (b.from[i] < end) {
      return false;
    }
    end = Math.max(end, b.to[i]);
  }
  return true;
}

// The sibling that holds most time takes the lane next to the parent.
function byHeld(siblings: Int32Array, b: Boxes, lane: Int32Array): void {
  const order = Array.from(siblings.keys()).sort(
    (x, y) => b.held[siblings[y]] - b.held[siblings[x]] || b.from[siblings[x]] - b.from[siblings[y]]
  );
  const lanes: number[][] = [];
  for (const k of order) {
    const i = siblings[k];
    let l = lanes.findIndex((members) => members.every((m) => b.to[m] <= b.from[i] || b.from[m] >= b.to[i]));
    if (l < 0) {
      l = lanes.push([]) - 1;
    }
    lanes[l].push(i);
    lane[k] = l;
  }
}

// Interval partitioning: each sibling takes the highest lane that is free when it starts.
function byStart(siblings: Int32Array, b: Boxes, lane: Int32Array): void {
  const order = Int32Array.from(siblings.keys()).sort((x, y) => b.from[siblings[x]] - b.from[siblings[y]] || x - y);
  const busy = new Heap(); // by end
  const free = new Heap(); // by lane
  let lanes = 0;
  for (const k of order) {
    const i = siblings[k];
    while (busy.size > 0 && busy.key() <= b.from[i]) {
      const l = busy.pop();
      free.push(l, l);
    }
    lane[k] = free.size > 0 ? free.pop() : lanes++;
    busy.push(b.to[i], lane[k]);
  }
}

/** A small binary heap of values by key. */
class Heap {
  private keys: number[] = [];
  private values: number[] = [];

  get size(): number {
    return this.keys.length;
  }

  key(): number {
    return this.keys[0];
  }

  push(key: number, value: number): void {
    let k = this.keys.push(key) - 1;
    this.values.push(value);
    for (let up = (k - 1) >> 1; k > 0 && this.keys[up] > this.keys[k]; k = up, up = (k - 1) >> 1) {
      this.swap(k, up);
    }
  }

  pop(): number {
    const value = this.values[0];
    const lastKey = this.keys.pop()!;
    const lastValue = this.values.pop()!;
    if (this.keys.length > 0) {
      this.keys[0] = lastKey;
      this.values[0] = lastValue;
      for (let k = 0; ; ) {
        const l = 2 * k + 1;
        const c = l + 1 < this.keys.length && this.keys[l + 1] < this.keys[l] ? l + 1 : l;
        if (c >= this.keys.length || this.keys[c] >= this.keys[k]) {
          break;
        }
        this.swap(k, c);
        k = c;
      }
    }
    return value;
  }

  private swap(a: number, b: number): void {
    [this.keys[a], this.keys[b]] = [this.keys[b], this.keys[a]];
    [this.values[a], this.values[b]] = [this.values[b], this.values[a]];
  }
}
