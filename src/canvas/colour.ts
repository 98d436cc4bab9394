// The tones of each service, or of whatever colour stands for; which colour that is, slots.ts
// says. Where colours come again bars have a mark at their left edge.
import { pageSlots, Slots, type Slot } from './slots';
import type { Palette } from './theme';

export function mix(a: string, b: string, share: number): string {
  const [x, y] = [channels(a), channels(b)];
  return `#${x.map((v, i) => Math.round(v + (y[i] - v) * share).toString(16).padStart(2, '0')).join('')}`;
}

const channels = (hex: string): number[] => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/** A colour with an alpha channel, 0 to 1. */
export const fade = (hex: string, alpha: number): string => hex + Math.round(alpha * 255).toString(16).padStart(2, '0');

/** The tones of one service: own time, waiting, the shell of a system call bar. */
export interface Tone {
  self: string;
  wait: string;
  shell: string;
  /** Stripes of kernel time and what lies between them. */
  stripe: string;
  stripeGround: string;
  textureSelf: string;
  textureWait: string;
  /** Dashes of time that was waited for a peer. */
  dash: string;
  dashGround: string;
  /** Lines at the left edge of its bars: another name has this colour without, or with fewer. */
  mark: number;
}

function toneOf(self: string, p: Palette, mark = 0): Tone {
  const wait = mix(self, p.background, p.wait);
  return {
    self,
    wait,
    shell: mix(wait, p.background, 0.35),
    stripe: p.dark ? mix(self, p.ink, 0.35) : self,
    stripeGround: mix(self, p.background, p.dark ? 0.72 : 0.75),
    textureSelf: p.dark ? mix(self, p.ink, 0.16) : self,
    textureWait: mix(wait, p.background, 0.4),
    dash: self,
    dashGround: mix(self, p.background, p.dark ? 0.68 : 0.7),
    mark,
  };
}

/** Outcomes keep their colour in every trace: green, amber, rust, plum. */
const STATUS_COLOURS: Record<string, number> = { ok: 5, 'client error': 1, 'server error': 4, error: 4, timeout: 7, reset: 7, closed: 7, unanswered: 7, open: 2 };

/** Tones of all groups of a trace; a span of none has the network's greys. */
export class Tones {
  readonly byName = new Map<string, Tone>();
  readonly none: Tone;

  /** Services have the colours that the page gave them, unless other slots are told. */
  constructor(
    groups: readonly string[],
    readonly palette: Palette,
    private readonly field = 'service',
    slots = field === 'service' ? pageSlots() : new Slots()
  ) {
    for (const [name, slot] of slots.of(groups)) {
      const { colour, mark }: Slot = field === 'status' && Object.hasOwn(STATUS_COLOURS, name) ? { colour: STATUS_COLOURS[name], mark: 0 } : slot;
      this.byName.set(name, toneOf(palette.services[colour], palette, mark));
    }
    const { self, wait } = palette.net;
    this.none = { ...toneOf(self, palette), wait };
  }

  of(group: string): Tone {
    return this.byName.get(group) ?? this.none;
  }

  /** Of a network bar: packets belong to no service, but to a node, a protocol, a status. */
  strand(group: string): Palette['net'] {
    const tone = this.field === 'service' ? undefined : this.byName.get(group);
    return tone ? { self: tone.self, wait: tone.wait, row: tone.wait } : this.palette.net;
  }
}
