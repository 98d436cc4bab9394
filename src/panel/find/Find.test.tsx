import React from 'react';
import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { paletteFor } from '../../canvas/theme';
import { analyse } from '../../trace/analysis';
import { shape, shapeFrame } from '../../trace/fixture/shapes';
import { readTrace } from '../../trace/frame';
import { BackendContext, type Finder } from '../backend';
import { Explorer, type ExplorerProps } from '../Explorer';
import { DEFAULT_CHOICES } from '../state/choices';

const analysis = shape('demofail-0');
const { trace } = analysis;
const charge = Array.prototype.indexOf.call(trace.text.name, 'charge');

// jsdom has no canvas; what is drawn is looked at in a browser.
beforeEach(() => {
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null);
  vi.useFakeTimers({ shouldAdvanceTime: true });
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

/** A data source that says what the test wants to be heard. */
function finding(said: Partial<Finder> = {}) {
  return {
    spans: vi.fn<Finder['spans']>(said.spans ?? (async () => ({ spans: [trace.text.id[charge]], limited: false }))),
    keys: vi.fn<Finder['keys']>(said.keys ?? (async () => ({ words: [{ text: 'app.loyalty.level', group: 'attributes', count: 1 }], limited: false }))),
    values: vi.fn<Finder['values']>(said.values ?? (async () => ({ words: [{ text: 'gold', count: 1 }, { text: 'very gold', count: 1 }], limited: false }))),
  };
}

function show(finder: Finder | undefined, props: Partial<ExplorerProps> = {}) {
  const onSelect = vi.fn();
  const view = (more: Partial<ExplorerProps> = {}) => (
    <BackendContext.Provider value={{ exportOtlp: vi.fn(), differences: vi.fn(), finder }}>
      <Explorer analysis={analysis} palette={paletteFor(true)} spanId="" onSelect={onSelect} {...props} {...more} />
    </BackendContext.Provider>
  );
  const { rerender } = render(view());
  return { onSelect, again: (more: Partial<ExplorerProps>) => rerender(view(more)) };
}

const box = () => screen.getByLabelText<HTMLInputElement>('Find spans');
const type = (text: string) => act(() => void fireEvent.change(box(), { target: { value: text, selectionStart: text.length } }));
const key = (name: string) => act(() => void fireEvent.keyDown(box(), { key: name }));
const count = () => document.querySelector('.tl-find [aria-live=polite]')!.textContent;
const pause = () => act(() => vi.advanceTimersByTimeAsync(300));

describe('finding in what the frame leaves behind', () => {
  it('asks once the typing pauses, and no more for what is not wanted any more', async () => {
    const said = finding();
    show(said);
    type('app.loyalty.level=g');
    type('app.loyalty.level=gold');
    await pause();
    expect(said.spans.mock.calls.map(([id, filter]) => [id, filter])).toEqual([[trace.text.id[0], 'app.loyalty.level=gold']]);
    expect(count()).toBe(`1 of ${trace.length}`);
    type('app.loyalty.level=gold error');
    await pause();
    expect(said.spans).toHaveBeenCalledTimes(1); // known already
  });

  it('keeps the matches of before until the answer comes, and says that it asks', async () => {
    let answer = (_: { spans: string[]; limited: boolean }) => {};
    show(finding({ spans: () => new Promise((resolve) => (answer = resolve)) }));
    type('error');
    const before = count();
    expect(before).not.toBe('');
    type('error app.loyalty.level=gold');
    await pause();
    expect(count()).toBe(before);
    expect(screen.getByTestId('finding')).toBeTruthy();
    await act(async () => answer({ spans: [trace.text.id[charge]], limited: false }));
    expect(count()).toBe(`1 of ${trace.length}`);
    expect(screen.queryByTestId('finding')).toBeNull();
  });

  it('gives up a question that was overtaken', async () => {
    const signals: AbortSignal[] = [];
    show(finding({ spans: (_id, _filter, signal) => new Promise(() => void signals.push(signal)) }));
    type('a.b=1');
    await pause();
    type('a.b=2');
    await pause();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  });

  it('goes to the first match though Enter came before the answer', async () => {
    const { onSelect } = show(finding());
    type('app.loyalty.level=gold');
    key('Enter');
    expect(onSelect).not.toHaveBeenCalled();
    await pause();
    expect(onSelect).toHaveBeenCalledExactlyOnceWith(trace.text.spanId[charge]);
  });

  it('shows at once what the frame has of a text, and adds what it has not', async () => {
    show(finding());
    type('frontend-proxy');
    const here = Number(count()!.split(' ')[0]);
    expect(here).toBeGreaterThan(0);
    await pause();
    expect(Number(count()!.split(' ')[0])).toBe(here + 1);
  });

  it('says what is wrong, and finds by the rest', async () => {
    show(finding({ spans: () => Promise.reject({ data: { message: 'missing closing ]' } }) }));
    type('app.level=~[a');
    await pause();
    expect(screen.getByTestId('find-problem').textContent).toContain('missing closing ]');
    expect(box().getAttribute('aria-invalid')).toBe('true');
    type('charge');
    await pause();
    expect(count()).toMatch(/^[1-9]\d* of/);
  });

  it('says that there is more than it shows', async () => {
    show(finding({ spans: async () => ({ spans: [trace.text.id[0]], limited: true }) }));
    type('a.b=1');
    await pause();
    expect(screen.getByTestId('find-problem').textContent).toContain('there are more');
  });

  it('says where there is nobody to ask', async () => {
    show(undefined);
    type('app.loyalty.level=gold');
    await pause();
    expect(screen.getByTestId('find-problem').textContent).toContain('in no store to ask');
    type('service=payment');
    expect(screen.queryByTestId('find-problem')).toBeNull();
  });

  it('asks again for another reading of the trace, and meanwhile keeps what it knows', async () => {
    const said = finding();
    const { again } = show(said);
    type('app.loyalty.level=gold');
    await pause();
    again({ analysis: analyse(readTrace(shapeFrame('demofail-0'))) });
    expect(count()).toBe(`1 of ${trace.length}`);
    await pause();
    expect(said.spans).toHaveBeenCalledTimes(2);
    expect(count()).toBe(`1 of ${trace.length}`);
  });
});

describe('what is offered while typing', () => {
  const options = () => within(screen.getByRole('listbox')).getAllByRole('option');

  it('leads from a key to its values by the keyboard', async () => {
    const said = finding();
    show(said);
    expect(said.keys).not.toHaveBeenCalled(); // nobody types
    type('loyal');
    await pause();
    expect(box().getAttribute('aria-expanded')).toBe('true');
    expect(box().getAttribute('aria-controls')).toBe(screen.getByRole('listbox').id);
    key('ArrowDown');
    expect(box().getAttribute('aria-activedescendant')).toBe(options()[0].id);
    expect(options()[0].getAttribute('aria-selected')).toBe('true');
    key('Enter');
    expect(box().value).toBe('app.loyalty.level');
    expect(options().map((o) => o.firstChild!.textContent)).toEqual(['=', '!=', '=~', '!~', '>=', '>', '<=', '<']);
    key('ArrowDown');
    key('Enter');
    await pause();
    expect(said.values.mock.calls.map(([, name, text]) => [name, text])).toEqual([['app.loyalty.level', '']]);
    key('ArrowUp'); // the last
    key('Enter');
    expect(box().value).toBe('app.loyalty.level="very gold" ');
    expect(screen.queryByRole('listbox')).toBeNull();
    await pause();
    expect(said.spans).toHaveBeenLastCalledWith(trace.text.id[0], 'app.loyalty.level=very gold', expect.anything());
  });

  it('is chosen from by the mouse, and closed by Esc, which clears the field after that', async () => {
    show(finding());
    type('kind=');
    fireEvent.click(within(screen.getByRole('listbox')).getByText('SERVER'));
    expect(box().value).toBe('kind=SERVER ');
    type('kin');
    key('Escape');
    expect(screen.queryByRole('listbox')).toBeNull();
    expect(box().value).toBe('kin');
    key('Escape');
    expect(box().value).toBe('');
  });

  it('opens by the arrow down in an empty field, and closes when the field is left', async () => {
    show(finding());
    key('ArrowDown');
    await pause();
    expect(options().length).toBeGreaterThan(10);
    act(() => void fireEvent.blur(box()));
    expect(screen.queryByRole('listbox')).toBeNull();
  });

  it('offers what the frame has though attributes cannot be read, and says so', async () => {
    show(finding({ keys: () => Promise.reject(new Error('the store is away')) }));
    type('serv');
    await pause();
    expect(options().map((o) => o.firstChild!.textContent)).toContain('service');
    expect(screen.getByText('Attributes could not be read: the store is away')).toBeTruthy();
  });

  it('leaves Enter to the matches while nothing of it is chosen', async () => {
    const { onSelect } = show(finding());
    type('charge');
    await pause();
    key('Enter');
    expect(onSelect).toHaveBeenCalledTimes(1);
  });
});

describe('pills', () => {
  it('put their word into Find and take it out, and say how many there are', () => {
    show(finding());
    const errors = screen.getByRole('button', { name: /^Errors/ });
    const failed = trace.error.reduce((sum, one) => sum + one, 0);
    expect(errors.textContent).toBe(`Errors ${failed}`);
    expect(errors.getAttribute('aria-pressed')).toBe('false');
    fireEvent.click(errors);
    expect(errors.getAttribute('aria-pressed')).toBe('true');
    expect(box().value).toBe('error');
    expect(count()).toBe(`${failed} of ${trace.length}`);
    const slow = screen.getByRole('button', { name: /^Slow/ });
    fireEvent.click(slow);
    fireEvent.click(errors);
    expect(box().value).toBe('slow');
    expect(count()).toBe(`${slow.textContent!.replace('Slow ', '')} of ${trace.length}`);
    expect(slow.title).toContain('more than half of the time');
  });

  it('are not there where there is nothing to find', () => {
    cleanup();
    show(undefined, { analysis: shape('one-0') });
    expect(screen.queryByRole('button', { name: /^Errors/ })).toBeNull();
  });
});

describe('what is looked for', () => {
  it('is said outside once the typing pauses, and followed from there', async () => {
    const onChoices = vi.fn();
    const { again } = show(finding(), { onChoices });
    type('err');
    type('error');
    expect(onChoices).not.toHaveBeenCalled();
    await pause();
    expect(onChoices).toHaveBeenCalledExactlyOnceWith({ ...DEFAULT_CHOICES, query: 'error' });
    again({ choices: { ...DEFAULT_CHOICES, query: 'error' } });
    type('error s');
    again({ choices: { ...DEFAULT_CHOICES, query: 'error' } }); // said before: the typing goes on
    expect(box().value).toBe('error s');
    again({ choices: { ...DEFAULT_CHOICES, query: 'slow', matchesOnly: true } });
    expect(box().value).toBe('slow');
  });
});
