import { expect, it } from 'vitest';
import { COLOURS, SLOTS, Slots } from './slots';

const SERVICES = ['loadgenerator', 'web-shop', 'svc-user', 'svc-item', 'svc-order', 'svc-stock', 'db-demo'];
const named = (count: number) => Array.from({ length: count }, (_, i) => `service-${i}`);
const distinct = (slots: Map<string, { colour: number; mark: number }>, by: 'colour' | 'slot') => new Set([...slots.values()].map((s) => (by === 'colour' ? s.colour : s.colour + COLOURS * s.mark))).size;

it('gives each of a few services one of the first colours, in any order the same', () => {
  const slots = new Slots().of(SERVICES);
  expect(distinct(slots, 'colour')).toBe(SERVICES.length);
  expect(Math.max(...[...slots.values()].map((s) => s.colour))).toBeLessThan(8);
  expect(new Slots().of([...SERVICES].reverse())).toEqual(slots);
});

it.each([9, 12, COLOURS])('tells %s services of a trace apart by colour alone', (count) => {
  const slots = new Slots().of(named(count));
  expect([distinct(slots, 'colour'), Math.max(...[...slots.values()].map((s) => s.mark))]).toEqual([count, 0]);
});

it.each([COLOURS + 1, 30, SLOTS])('tells %s services apart by colour and mark', (count) => {
  expect(distinct(new Slots().of(named(count)), 'slot')).toBe(count);
});

it('uses all slots alike where there are more services than slots', () => {
  const uses = new Map<string, number>();
  for (const { colour, mark } of new Slots().of(named(3 * SLOTS)).values()) {
    uses.set(`${colour} ${mark}`, (uses.get(`${colour} ${mark}`) ?? 0) + 1);
  }
  expect([uses.size, new Set(uses.values())]).toEqual([SLOTS, new Set([3])]);
});

it('keeps what a name was given when others come, and in each set of them', () => {
  const slots = new Slots();
  const first = slots.of(SERVICES);
  const more = slots.of([...SERVICES, 'a new one', 'another']);
  SERVICES.forEach((name) => expect(more.get(name)).toEqual(first.get(name)));
  expect(slots.of(['svc-order']).get('svc-order')).toEqual(first.get('svc-order'));
});

it('gives two that meet in a trace different colours, though the page has given them one', () => {
  const slots = new Slots();
  const names = named(60);
  const page = slots.of(names);
  const [first, second] = names.flatMap((a, k) => names.slice(k + 1).map((b) => [a, b])).find(([a, b]) => page.get(a)!.colour === page.get(b)!.colour)!;
  const trace = slots.of([first, second, 'x', 'y']);
  expect(distinct(trace, 'colour')).toBe(4);
  expect(trace.get(first)).toEqual(page.get(first)); // it was first
});

it('forgets no name and grows no further when a page has seen very many', () => {
  const slots = new Slots();
  const first = slots.of(SERVICES);
  slots.of(named(5000));
  expect(slots.of(SERVICES)).toEqual(first);
  expect(distinct(slots.of(['service-4998', 'service-4999', 'service-4997']), 'colour')).toBe(3);
});
