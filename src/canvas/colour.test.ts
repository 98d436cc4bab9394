import { expect, it } from 'vitest';
import { mix, Tones } from './colour';
import { COLOURS, Slots } from './slots';
import { paletteFor } from './theme';

it('mixes colours', () => {
  expect([mix('#000000', '#ffffff', 0.5), mix('#324db0', '#181b1f', 0)]).toEqual(['#808080', '#324db0']);
});

// WCAG 2: (L1 + 0.05) / (L2 + 0.05)
function contrast(a: string, b: string): number {
  const light = (hex: string) => {
    const [r, g, bl] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * bl;
  };
  const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
  return (x + 0.05) / (y + 0.05);
}

it.each([true, false])('keeps text on bars legible (dark: %s)', (dark) => {
  const palette = paletteFor(dark);
  const tones = new Tones(Array.from({ length: COLOURS }, (_, i) => String(i)), palette, 'service', new Slots());
  expect(new Set([...tones.byName.values()].map((tone) => tone.self)).size).toBe(COLOURS);
  for (const tone of tones.byName.values()) {
    expect(contrast(palette.ink, tone.self)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(palette.ink, tone.wait)).toBeGreaterThanOrEqual(7);
    expect(contrast(palette.ink, tone.dashGround)).toBeGreaterThanOrEqual(7);
    expect(contrast(tone.dash, tone.dashGround), 'dashes are seen').toBeGreaterThanOrEqual(1.2);
  }
  for (const colour of [palette.doubt, palette.errorLine, palette.focus, palette.ok]) {
    expect(contrast(colour, palette.background)).toBeGreaterThanOrEqual(4.5);
  }
});
