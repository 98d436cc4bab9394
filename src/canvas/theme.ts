// Colours of the graph that Grafana's theme does not have, and the few it does have that
// the canvas needs. The service tones were chosen for both backgrounds with their
// contrast and their distance under simulated colour blindness measured.

export interface Palette {
  dark: boolean;
  background: string;
  sunken: string;
  raised: string;
  border: string;
  borderStrong: string;
  text: string;
  textWeak: string;
  /** Text on bars, and the strongest text elsewhere. */
  ink: string;
  /** Text on the full tone of network. */
  netInk: string;
  focus: string;
  error: string;
  errorLine: string;
  doubt: string;
  ok: string;
  hit: string;
  net: { self: string; wait: string; row: string };
  /** How far waiting is mixed from the full tone to the background. */
  wait: number;
  shade: string;
  plate: string;
  /** The first eight are told apart best; the others are for traces with more services. */
  services: readonly string[];
}

const DARK: Palette = {
  dark: true,
  background: '#181b1f',
  sunken: '#111217',
  raised: '#22252b',
  border: 'rgba(204,204,220,0.12)',
  borderStrong: 'rgba(204,204,220,0.30)',
  text: '#ccccdc',
  textWeak: 'rgba(204,204,220,0.65)',
  ink: '#ffffff',
  netInk: '#111217',
  focus: '#6e9fff',
  error: '#d10e5c',
  errorLine: '#ff5286',
  doubt: '#fbad37',
  ok: '#6ccf8e',
  hit: '#ffd24a',
  net: { self: '#a3acb9', wait: '#444b55', row: '#626b78' },
  wait: 0.56,
  shade: 'rgba(11,12,14,0.62)',
  plate: 'rgba(0,0,0,0.36)',
  services: [
    '#324db0', '#9b6400', '#8163ce', '#006757', '#8f3b00', '#4c8141', '#257d98', '#7d397c',
    '#602a28', '#685538', '#8d6976', '#4e3347', '#4615a3', '#ba4996', '#6a5570', '#626e4f',
  ],
};

const LIGHT: Palette = {
  dark: false,
  background: '#ffffff',
  sunken: '#f4f5f5',
  raised: '#ffffff',
  border: 'rgba(36,41,46,0.12)',
  borderStrong: 'rgba(36,41,46,0.40)',
  text: '#24292e',
  textWeak: 'rgba(36,41,46,0.75)',
  ink: '#1f2126',
  netInk: '#ffffff',
  focus: '#1f62e0',
  error: '#e0226e',
  errorLine: '#cf0e5b',
  doubt: '#b04e0c',
  ok: '#0a764e',
  hit: '#c77700',
  net: { self: '#667180', wait: '#d5d9df', row: '#b4bac4' },
  wait: 0.64,
  shade: 'rgba(255,255,255,0.66)',
  plate: 'rgba(255,255,255,0.62)',
  services: [
    '#89c3ff', '#b48200', '#a38dfd', '#00bd98', '#df7750', '#88c77e', '#009ac4', '#d99dd2',
    '#e8d42d', '#7e9476', '#a48091', '#d7d3ad', '#ed9d43', '#b2dccb', '#e65bba', '#e5c6e1',
  ],
};

/** The palette for a theme; colours the theme knows better (its background) replace ours. */
export function paletteFor(dark: boolean, own: Partial<Pick<Palette, 'background' | 'sunken' | 'raised' | 'text'>> = {}): Palette {
  const base = dark ? DARK : LIGHT;
  const known = Object.entries(own).filter(([, v]) => typeof v === 'string' && /^#[0-9a-f]{6}$/i.test(v));
  return { ...base, ...Object.fromEntries(known) };
}

export const FONT = "'Inter', 'Helvetica', 'Arial', sans-serif";
export const MONO = "'Roboto Mono', monospace";
