// Which colour a name has. A hash of it picks one of the first colours, so that it is nearly
// the same everywhere; of names that meet in one the later takes a free one, and where none is
// left the least used. What a page has once given a name stays with it: over refreshes, and in
// the list of requests as in the trace.

/** Colours of a palette, and how often each comes again with another mark. */
export const COLOURS = 16;
const MARKS = 3;
/** Colours that a hash picks from: those that are told apart best. */
const FIRST = 8;
export const SLOTS = COLOURS * MARKS;

/** Names that a page remembers; further ones are given a colour by trace. */
const MOST = 2000;

/** A slot for each name of a set: its colour, and its mark in the bars. */
export interface Slot {
  colour: number;
  /** 0 for none. */
  mark: number;
}

const slotAt = (slot: number): Slot => ({ colour: slot % COLOURS, mark: Math.floor(slot / COLOURS) });

export class Slots {
  private readonly known = new Map<string, number>();
  private readonly uses = new Uint32Array(SLOTS);

  /** Slots of names that are shown together: of one colour and mark only where no other is free. */
  of(names: Iterable<string>): Map<string, Slot> {
    const sorted = [...new Set(names)].filter(Boolean).sort();
    for (const name of sorted) {
      if (!this.known.has(name) && this.known.size < MOST) {
        const slot = pick(name, this.uses);
        this.uses[slot]++;
        this.known.set(name, slot);
      }
    }
    return this.together(sorted);
  }

  // What the page gave them, as far as they do not meet: who has had it longest keeps it.
  private together(names: readonly string[]): Map<string, Slot> {
    const order = new Map([...this.known.keys()].map((name, k) => [name, k]));
    const eldest = [...names].sort((a, b) => (order.get(a) ?? MOST) - (order.get(b) ?? MOST));
    const uses = new Uint32Array(SLOTS);
    const ofColour = new Uint32Array(COLOURS);
    const slots = new Map<string, Slot>();
    const put = (name: string, slot: number) => {
      uses[slot]++;
      ofColour[slot % COLOURS]++;
      slots.set(name, slotAt(slot));
    };
    const met = eldest.filter((name) => {
      const slot = this.known.get(name);
      if (slot === undefined || ofColour[slot % COLOURS] > 0) {
        return true;
      }
      put(name, slot);
      return false;
    });
    for (const name of met) {
      const slot = this.known.get(name);
      const stays = slot !== undefined && uses[slot] === 0 && !ofColour.includes(0);
      put(name, stays ? slot : pick(name, uses));
    }
    return new Map(names.map((name) => [name, slots.get(name)!]));
  }
}

/** The hashed slot, else the next free one, of the first colours before the others; else the least used. */
function pick(name: string, uses: Uint32Array): number {
  const hashed = fnv1a(name) % FIRST;
  let best = hashed;
  for (let k = 0; k < SLOTS && uses[best] > 0; k++) {
    const slot = k < FIRST ? (hashed + k) % FIRST : k;
    if (uses[slot] < uses[best]) {
      best = slot;
    }
  }
  return best;
}

function fnv1a(text: string): number {
  let h = 2166136261;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  }
  return h >>> 0;
}

const SHARED = Symbol.for('throughline.colours');

/** One for the page: its panels are scripts of their own, which share nothing else. */
export function pageSlots(): Slots {
  const page = globalThis as { [SHARED]?: Slots };
  return (page[SHARED] ??= new Slots());
}
