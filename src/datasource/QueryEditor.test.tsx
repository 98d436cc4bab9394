import React, { useState } from 'react';
import { describe, expect, it, vi } from 'vitest';
import { fireEvent, render, screen, within } from '@testing-library/react';
import { CoreApp } from '@grafana/data';
import { type ThroughlineDataSource } from './datasource';
import { type ThroughlineQuery } from './query';
import { QueryEditor } from './QueryEditor';

// jsdom draws nothing; the comboboxes measure their texts with a canvas.
vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue({
  measureText: () => ({ width: 10 }),
} as unknown as CanvasRenderingContext2D & ImageBitmapRenderingContext & WebGL2RenderingContext);

const datasource = {
  suggest: async () => ({ values: ['web-shop'], leftOut: [] }),
  suggestKeys: async () => ({ values: ['http.route'], leftOut: [] }),
} as unknown as ThroughlineDataSource;

// An editor that keeps what it is told, as Explore does.
function open(query: Partial<ThroughlineQuery> = {}, app?: CoreApp) {
  const changed = vi.fn();
  const run = vi.fn();
  function Host() {
    const [q, set] = useState<ThroughlineQuery>({ refId: 'A', ...query });
    return (
      <QueryEditor
        datasource={datasource}
        query={q}
        app={app}
        onChange={(next) => {
          changed(next);
          set(next);
        }}
        onRunQuery={run}
      />
    );
  }
  render(<Host />);
  return { last: () => changed.mock.lastCall?.[0] as ThroughlineQuery, run, changed };
}

const type = (label: string, text: string) => {
  const input = screen.getByLabelText(label);
  fireEvent.change(input, { target: { value: text } });
  fireEvent.keyDown(input, { key: 'Enter' });
};

describe('the query editor', () => {
  it('searches by default, by fields or by text that say the same', () => {
    const editor = open({ service: 'web-shop' });
    fireEvent.click(screen.getByLabelText('Text'));
    expect((screen.getByLabelText('Conditions') as HTMLInputElement).value).toBe('service=web-shop');
    type('Conditions', 'request=*order* duration>5ms user.id=7');
    expect(editor.last()).toMatchObject({
      queryType: 'search',
      service: undefined,
      requestResource: '*order*',
      minDuration: '5ms',
      filters: [{ key: 'user.id', operator: '=', value: '7' }],
    });
    expect(editor.run).toHaveBeenCalledTimes(1);
    fireEvent.click(screen.getByLabelText('Builder'));
    expect((screen.getByLabelText('Longer than') as HTMLInputElement).value).toBe('5ms');
    expect(screen.getByLabelText('Condition 1')).toBeTruthy();
  });

  it.each(['auto', 'roots', 'requests', 'all', '$rows', undefined])('shows which rows are asked for: %s', (scope) => {
    open({ queryType: 'search', scope });
    const rows = screen.getByRole('radiogroup', { name: 'Rows' });
    expect(within(rows).getAllByRole<HTMLInputElement>('radio').filter((r) => r.checked)).toHaveLength(1);
  });

  it('does not send what cannot be read, and says how to write it', () => {
    const editor = open();
    fireEvent.click(screen.getByLabelText('Text'));
    type('Conditions', 'duration>long');
    expect(screen.getByText(/is no duration/)).toBeTruthy();
    fireEvent.click(screen.getByLabelText('Builder'));
    type('Shorter than', '5 apples');
    expect(screen.getByText('Write it as 500us, 5ms or 1.5s')).toBeTruthy();
    expect(editor.changed).not.toHaveBeenCalled();
  });

  it('shows a trace by an id, and takes no other text', () => {
    const editor = open({ queryType: 'trace' });
    type('Trace or span id', 'order');
    expect(editor.changed).not.toHaveBeenCalled();
    type('Trace or span id', ' 00f067aa0ba902b7 ');
    expect(editor.last()).toMatchObject({ queryType: 'trace', query: '00f067aa0ba902b7' });
  });

  it('takes a change back with Escape', () => {
    const editor = open({ queryType: 'trace', query: '00f067aa0ba902b7' });
    const input = screen.getByLabelText('Trace or span id') as HTMLInputElement;
    fireEvent.change(input, { target: { value: 'x' } });
    fireEvent.keyDown(input, { key: 'Escape' });
    expect(input.value).toBe('00f067aa0ba902b7');
    expect(editor.changed).not.toHaveBeenCalled();
  });

  it('offers to alert rules what gives numbers', () => {
    open({ queryType: 'metrics' }, CoreApp.UnifiedAlerting);
    expect(screen.queryByLabelText('Trace')).toBeNull();
    expect(screen.getByLabelText('Metrics', { selector: 'input[type=radio]' })).toBeTruthy();
  });

  it('narrows metrics by what roll-ups keep: not by attributes', () => {
    open({ queryType: 'metrics' });
    expect(screen.queryByText('Condition on an attribute')).toBeNull();
    expect(screen.queryByLabelText('Longer than')).toBeNull();
  });
});
