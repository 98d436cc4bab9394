// One colour per service, nearly the same in every trace: a hash of the name picks one of
// eight slots; inside a trace the later of two names takes the next free slot, so that
// below nine services no two are alike. From the ninth on slots repeat.
import type { Palette } from './theme';

export function mix(a: string, b: string, share: number): string {
  const [x, y] = [channels(a), channels(b)];
  return `#${x.map((v, i) => Math.round(v + (y[i] - v) * share).toString(16).padStart(2, '0')).join('')}`;
}

const channels = (hex: string): number[] => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/** A colour with an alpha channel, 0 to 1. */
export const fade = (hex: string, alpha: number): string => hex + Math.round(alpha * 255).toString(16).padStart(2, '0');

export function colourSlots(services: readonly string[], slots = 8): Map<string, number> {
  const taken = new Set<number>();
  const of = new Map<string, number>();
  for (const name of [...new Set(services)].filter(Boolean).sort()) {
    let slot = fnv1a(name) % slots;
    while (taken.size < slots && taken.has(slot)) {
      slot = (slot + 1) % slots;
    }
    taken.add(slot);
    of.set(name, slot);
  }
  return of;
}

function fnv1a(text: string): number {
  let h = 2166136261;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  }
  return h >>> 0;
}

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
}

export function toneOf(self: string, p: Palette): Tone {
  const wait = mix(self, p.background, p.wait);
  return {
    self,
    wait,
    shell: mix(wait, p.background, 0.35),
    stripe: p.dark ? mix(self, p.ink, 0.35) : self,
    stripeGround: mix(self, p.background, p.dark ? 0.72 : 0.75),
    textureSelf: p.dark ? mix(self, p.ink, 0.16) : self,
    textureWait: mix(wait, p.background, 0.4),
  };
}

/** Outcomes keep their colour in every trace: green, amber, rust, plum. */
const STATUS_SLOTS: Record<string, number> = { ok: 5, 'client error': 1, 'server error': 4, error: 4, timeout: 7 };

/** Tones of all groups of a trace; a span of none has the network's greys. */
export class Tones {
  readonly byName = new Map<string, Tone>();
  readonly none: Tone;
  /** Names whose colour another name has too: their bars have a cap. */
  readonly repeated = new Set<string>();

  constructor(
    groups: readonly string[],
    readonly palette: Palette,
    private readonly field = 'service'
  ) {
    const taken = new Set<number>();
    for (const [name, hashed] of colourSlots(groups)) {
      const slot = (field === 'status' ? STATUS_SLOTS[name] : undefined) ?? hashed;
      this.byName.set(name, toneOf(palette.services[slot], palette));
      if (taken.has(slot)) {
        this.repeated.add(name);
      }
      taken.add(slot);
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
