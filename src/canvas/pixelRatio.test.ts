import { afterEach, expect, it, vi } from 'vitest';
import { onPixelRatio } from './pixelRatio';

afterEach(() => vi.unstubAllGlobals());

it('tells of each change, and asks again for the next', () => {
  const asked: Array<{ media: string; told: () => void }> = [];
  vi.stubGlobal('matchMedia', (media: string) => ({
    addEventListener: (_: string, told: () => void) => asked.push({ media, told }),
    removeEventListener: (_: string, told: () => void) => asked.splice(asked.findIndex((a) => a.told === told), 1),
  }));
  vi.stubGlobal('devicePixelRatio', 1);
  const changed = vi.fn();
  const end = onPixelRatio(changed);
  for (const ratio of [1.5, 2]) {
    vi.stubGlobal('devicePixelRatio', ratio);
    asked[0].told();
  }
  expect([changed.mock.calls.length, asked.map((a) => a.media)]).toEqual([2, ['(resolution: 2dppx)']]);
  end();
  expect(asked).toEqual([]);
});
