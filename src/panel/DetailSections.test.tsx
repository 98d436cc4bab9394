import React from 'react';
import { fireEvent, render, screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { DetailLead } from './DetailLead';
import { DetailSections } from './DetailSections';

const list = (record: Record<string, unknown>) => Object.entries(record).map(([key, value]) => ({ key, value }));

const STACK = ['java.lang.IllegalStateException: no stock', '\tat java.base/java.util.Objects.check(Objects.java:233)', '\tat com.acme.Cart.total(Cart.java:12)', 'Caused by: io.grpc.StatusRuntimeException: INTERNAL', '\tat io.grpc.stub.ClientCalls.call(ClientCalls.java:268)'].join('\n');

const thrown = { t: 2_500_000, name: 'exception', attributes: list({ 'exception.type': 'java.lang.IllegalStateException', 'exception.message': 'no stock', 'exception.stacktrace': STACK, attempt: 2 }) };

const lead = (details: unknown, message = '') => render(<DetailLead details={details} message={message} failed />);

it('shows an exception with its own frames first, its causes, and all frames when asked', () => {
  lead({ status: 'server error', events: [thrown] });
  const card = screen.getByTestId('exception');
  expect(card.textContent).toContain('java.lang.IllegalStateException +2.50 ms');
  expect(within(card).getByText('no stock')).toBeTruthy();
  const stack = within(card).getByRole('region', { name: 'Stack trace' });
  expect([...stack.children].map((line) => line.textContent)).toEqual(['\tat com.acme.Cart.total(Cart.java:12)', '    … 1 of libraries', 'Caused by: io.grpc.StatusRuntimeException: INTERNAL', '    … 1 of libraries']);
  fireEvent.click(within(card).getByRole('button', { name: 'All 3 frames' }));
  expect([...stack.children].map((line) => line.textContent)).toEqual(STACK.split('\n').slice(1));
});

it('says why a span failed at once, and not twice', () => {
  const { rerender } = lead(undefined, 'card declined');
  expect(screen.getByTestId('status-message').textContent).toBe('Errorcard declined');
  rerender(<DetailLead details={{ statusMessage: 'no stock', events: [thrown] }} message="no stock" failed />);
  expect(screen.queryByTestId('status-message')).toBeNull();
  rerender(<DetailLead details={{ statusMessage: 'gave up', events: [thrown] }} message="gave up" failed />);
  expect(screen.getByTestId('status-message').textContent).toBe('Errorgave up');
});

it('shows events in time, with how long after the one before', () => {
  render(<DetailSections details={{ events: [{ t: 3_000_000, name: 'late', attributes: [] }, { t: 1_000_000, name: 'early', attributes: list({ generation: 7 }) }, thrown] }} />);
  expect(screen.getAllByTestId('event-card').map((card) => card.textContent)).toEqual([
    expect.stringMatching(/^\+1\.00 ms *early *generation7/),
    expect.stringMatching(/^\+2\.50 ms1\.50 ms later *exception java\.lang\.IllegalStateExceptionattempt2/),
    expect.stringMatching(/^\+3\.00 ms500 µs later *late/),
  ]);
});

it('shows what was said to a model as messages, not as an attribute', () => {
  const details = { attributes: list({ 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o', 'gen_ai.usage.input_tokens': 1830, 'gen_ai.usage.output_tokens': 120, 'gen_ai.input.messages': '[{"role":"user","content":"Four days\\nin Lisbon"}]', 'gen_ai.output.messages': '[{"role":"assistant","content":"Day 1"}]' }), events: [] };
  lead(details);
  const model = screen.getByTestId('model-call');
  expect(model.textContent).toContain('gpt-4o 1,830 tokens in, 120 tokens out');
  expect(within(model).getByText(/Four days\s+in Lisbon/)).toBeTruthy();
  render(<DetailSections details={details} />);
  expect(screen.queryByText('gen_ai.input.messages')).toBeNull();
  expect(screen.getByText('gen_ai.usage.input_tokens')).toBeTruthy();
});

it('gives numbers their units, SQL its lines, and opens long values in place', () => {
  render(
    <DetailSections
      details={{
        duration: 12_500_000,
        attributes: list({ 'http.response.body.size': 123_456, 'db.query.text': 'SELECT a FROM t WHERE b', loyal: true, tags: ['x', 'y'], long: 'z'.repeat(3000) }),
        resourceAttributes: list({ 'service.version': '1.12.0' }),
      }}
    />
  );
  for (const text of ['12.5 ms', '123 kB', 'true', 'x, y', '1.12.0']) {
    expect(screen.getByText(text)).toBeTruthy();
  }
  expect(screen.getByRole('region', { name: 'db.query.text' }).textContent).toBe('SELECT a\nFROM t\nWHERE b');
  expect(screen.queryByText('z'.repeat(3000))).toBeNull();
  fireEvent.click(screen.getByRole('button', { name: 'Show all 3.0 kB' }));
  expect(screen.getByText('z'.repeat(3000))).toBeTruthy();
});

it.each([null, 7, 'x', [], { events: 'x', attributes: 7, links: { a: 1 } }, { events: [null, 3, { t: 'soon' }], attributes: [null, { key: 7 }] }])('shows %j without falling over', (details) => {
  render(<DetailSections details={details} />);
  lead(details);
  expect(screen.getByTestId('details')).toBeTruthy();
});
