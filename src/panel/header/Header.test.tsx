// The header answers for traces of OpenTelemetry alone, and of all layers.
import React from 'react';
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { paletteFor } from '../../canvas/theme';
import { analyse, type Analysis } from '../../trace/analysis';
import { breakDown } from '../../trace/breakdown';
import { webshop } from '../../trace/fixture';
import { shape } from '../../trace/fixture/shapes';
import { LAYERS } from '../../trace/model';
import { accountOf } from '../../trace/parts';
import { rowOf, shownId } from '../../trace/spanids';
import { Explorer, type ExplorerProps } from '../Explorer';

beforeEach(() => vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null));
afterEach(cleanup);

function show(analysis: Analysis, props: Partial<ExplorerProps> = {}) {
  const onSelect = vi.fn();
  const view = render(<Explorer analysis={analysis} palette={paletteFor(true)} spanId="" onSelect={onSelect} {...props} />);
  return { ...view, onSelect };
}
const remarks = () => [...document.querySelectorAll('.tl-remark')].map((remark) => remark.textContent);
const layers = () => [...document.querySelectorAll('.tl-layer')].map((layer) => layer.querySelector('span')?.textContent);

describe('the title', () => {
  it('is the root’s service and name, when it began, and the trace’s id to copy', async () => {
    const writeText = vi.fn().mockResolvedValue(undefined);
    Object.assign(navigator, { clipboard: { writeText } });
    const analysis = shape('demofail-0');
    show(analysis, { formatStart: (ms) => `at ${ms}` });
    expect(screen.getByTestId('root').textContent).toBe('load-generatoruser_checkout_multi');
    expect(screen.getByTestId('root').title).toBe('load-generator · user_checkout_multi');
    expect(screen.getByText('at 1767225600000')).toBeTruthy();
    expect(screen.getByTestId('counts').textContent).toBe('40 spans');
    fireEvent.click(screen.getByRole('button', { name: 'Copy the trace id' }));
    expect(writeText).toHaveBeenCalledWith(analysis.trace.meta.traceId);
    expect(await screen.findByText('Trace id copied')).toBeTruthy();
  });

  it('cuts a name of any length, and has all of it at the pointer', () => {
    const analysis = shape('names-0');
    const name = analysis.trace.text.name[analysis.trace.main];
    show(analysis);
    expect(screen.getByTestId('root').title).toContain(name);
    expect(screen.getByTestId('root').querySelector('.tl-clip')?.textContent).toBe(name);
  });
});

describe('errors', () => {
  it('lead to the first, with its message beside it, and on to the next', () => {
    const analysis = shape('demofail-0');
    const { trace, origins } = analysis;
    const { onSelect } = show(analysis);
    const errors = screen.getByTestId('errors');
    const { first, count } = accountOf(analysis, analysis.holders, trace.main).errors;
    expect(errors.textContent).toContain(count === 1 ? '1 error' : `${count} errors`);
    expect(errors.textContent).toContain(first!.message);
    fireEvent.click(errors);
    expect(onSelect).toHaveBeenLastCalledWith(shownId(trace, first!.row));
    const seen = new Set<string>();
    for (let k = 0; k < count; k++) {
      fireEvent.click(errors);
      seen.add(onSelect.mock.lastCall![0]);
    }
    expect(seen).toEqual(new Set(Array.from(origins, (row) => shownId(trace, row))));
  });

  it('are not spoken of where there are none', () => {
    show(shape('demo-0'));
    expect(screen.queryByTestId('errors')).toBeNull();
  });
});

describe('what must be known beside the answer', () => {
  it.each([
    ['async-0', '⇢Beside the answer48.0 ms to the answer; 5.20 s more in export-worker, 692 ms more in api'],
    ['retry-0', '↻Tried again3 tries of POST /charge, 2 failed'],
    ['skew-0', '◷Clocksthe clock of node-b is 420 ms behind that of node-a; times are aligned'],
    ['orphans-0', "◌Partial2 subtrees have no parent: their callers' spans are missing"],
  ])('of %s leads to where it shows', (name, words) => {
    const analysis = shape(name);
    const { onSelect } = show(analysis);
    expect(remarks()).toEqual([words]);
    fireEvent.click(document.querySelector('.tl-remark')!);
    expect(rowOf(analysis.trace, onSelect.mock.lastCall![0])).toBeGreaterThanOrEqual(0);
  });

  it('is nothing of a healthy trace, and no layer is named that nobody looked at', () => {
    show(shape('three-0'));
    expect(remarks()).toEqual([]);
    expect(screen.queryByRole('status')).toBeNull();
    expect(layers()).toEqual(['Code', 'Waiting']);
    expect(screen.queryByRole('tab', { name: 'Hop path' })).toBeNull();
    expect(screen.queryByRole('tab', { name: 'Requests' })).toBeNull();
    expect(screen.queryByRole('group', { name: 'Layers' })).toBeNull();
  });
});

describe('one list of parts', () => {
  it.each(['demo-0', 'nplus1-0', 'genai-0', 'fanout-0', 'webshop'])('says the same in sentence, chips, list and layers of %s', (name) => {
    const analysis = name === 'webshop' ? analyse(webshop()) : shape(name);
    const { trace, slices, holders } = analysis;
    show(analysis);
    const account = accountOf(analysis, holders, trace.main);
    expect(screen.getByTestId('sentence').textContent).toContain(account.parts[0].text);
    const chips = [...document.querySelectorAll('.tl-chip')].map((chip) => chip.querySelector('span')?.textContent);
    expect(chips).toEqual(account.parts.slice(0, 3).map((part) => part.text));
    if (account.parts.length > 1) {
      fireEvent.click(screen.getByRole('button', { name: /parts ▾$/ }));
      const listed = within(screen.getByRole('dialog')).getAllByRole('listitem').map((item) => item.querySelector('span:last-child')?.textContent);
      expect(listed).toEqual(account.parts.slice(0, 40).map((part) => part.text));
      if (account.parts.length > 40) {
        fireEvent.click(screen.getByRole('button', { name: `All ${account.parts.length}` }));
        expect(screen.getAllByRole('listitem')).toHaveLength(account.parts.length);
      }
    }
    const bar = breakDown(trace, slices, holders);
    expect(LAYERS.map((layer) => bar.layers[layer])).toEqual(LAYERS.map((layer) => account.layers[layer]));
    expect(bar.total).toBe(account.total);
  });
});
