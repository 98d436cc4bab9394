import React from 'react';
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { paletteFor } from '../../canvas/theme';
import { analyse } from '../../trace/analysis';
import { webshop } from '../../trace/fixture';
import { BackendContext, type Backend } from '../backend';
import { Explorer } from '../Explorer';

const analysis = analyse(webshop());

beforeEach(() => vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null)); // jsdom has no canvas
afterEach(cleanup);

async function open(differences: Backend['differences']) {
  render(
    <BackendContext.Provider value={{ differences } as Backend}>
      <Explorer analysis={analysis} palette={paletteFor(true)} spanId="" onSelect={vi.fn()} />
    </BackendContext.Provider>
  );
  fireEvent.change(screen.getByLabelText('Find spans'), { target: { value: 'inferred' } });
  fireEvent.click(await screen.findByRole('button', { name: 'Which attributes differ' }));
  return within(screen.getByRole('complementary', { name: 'Which attributes differ' }));
}

it('asks for what was found against the rest of its kind, and lists keys with shares of both', async () => {
  const differences = vi.fn().mockResolvedValue({
    keys: [
      { key: 'db.shard', of: 'span', score: 0.9, have: [1, 1], values: [{ value: '7', share: [1, 0.002] }, { value: '', share: [0, 0.5] }], more: 3 },
      { key: 'db.response.bytes', of: 'span', score: 0.5, have: [1, 1], numbers: [[80_000, 90_000, 95_000], [100, 250, 300]] },
    ],
    leftOut: ['2 keys have another value in nearly every span, as ids have'],
  });
  const sheet = await open(differences);
  const shard = within(await sheet.findByRole('region', { name: 'db.shard' }));
  expect(shard.getByText('7').closest('.tl-differs-value')!.textContent).toBe('7100% <1%');
  expect(shard.getByText('not set').closest('.tl-differs-value')!.textContent).toBe('not set0% 50%');
  expect(shard.getByText('… and 3 more values')).toBeTruthy();
  expect(sheet.getByRole('region', { name: 'db.response.bytes' }).textContent).toContain('these90 kB 80 kB … 95 kBothers250 B 100 B … 300 B');
  expect(sheet.getByText(/^Not listed: 2 keys/)).toBeTruthy();
  const [selected, others] = differences.mock.calls[0];
  expect(selected.length).toBe(2);
  expect(others.length).toBeGreaterThan(0);
  expect(others.some((id: string) => selected.includes(id))).toBe(false);
});

it('says that nothing differs, and what went wrong', async () => {
  expect(await (await open(vi.fn().mockResolvedValue({ keys: [], leftOut: [] }))).findByText('No attribute differs by more than chance.')).toBeTruthy();
  cleanup();
  expect(await (await open(vi.fn().mockRejectedValue({ data: { message: 'the store is down' } }))).findByText('Attributes could not be compared: the store is down')).toBeTruthy();
});
