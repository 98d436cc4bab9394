// A saved trace in the panel, as far as it needs no data source: who reads files is made up.
import React from 'react';
import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { paletteFor } from '../../canvas/theme';
import { webshopRows } from '../../trace/fixture';
import { Empty } from '../States';
import { useTraceClient } from '../traceWorker';
import { DropArea } from './DropArea';
import { OpenedTrace } from './OpenedTrace';
import { FileContext, type FileContents, type TraceFiles } from './traceFiles';
import { useOpenedFile } from './useOpenedFile';

beforeEach(() => {
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null);
});
afterEach(cleanup);

const palette = paletteFor(true);
const frame = webshopRows();
const one = { id: '5b8e', service: 'shop', name: 'GET /', startNs: '1700000000000000000', duration: 5e6, spans: 100, failed: 0 };
const contents = (more: Partial<FileContents> = {}): FileContents => ({ format: 'OTLP', traces: [one], leftOut: [], chosen: one.id, frame, ...more });

const filesOf = (read: TraceFiles['read']): TraceFiles => ({
  read,
  span: async () => ({ attributes: [{ key: 'of.the.file', value: 'yes', type: 'string' }], resource: [], events: [], links: [] }),
  attributeKeys: async () => [],
  attributeValues: async () => ({}),
  finder: () => ({ spans: async () => ({ spans: [frame.fields.find((f) => f.name === 'id')!.values[2] as string], limited: false }), keys: async () => ({ words: [], limited: false }), values: async () => ({ words: [], limited: false }) }),
  differences: async () => ({ keys: [{ key: 'of.the.file', of: 'span', score: 1, have: [1, 1], values: [{ value: 'yes', share: [1, 0] }] }], leftOut: [] }),
  otlp: async () => new Blob(),
});

function Panel({ files }: { files: TraceFiles }) {
  const opened = useOpenedFile(files)!;
  const client = useTraceClient();
  return (
    <FileContext.Provider value={{ open: opened.open, opened: opened.file !== null }}>
      <DropArea palette={palette} open={opened.open} style={{ width: 1200, height: 700 }}>
        {opened.file ? (
          <OpenedTrace client={client} files={files} state={opened} file={opened.file} palette={palette} comparable={{ other: null }} dashboards={null} formatStart={String} />
        ) : (
          <Empty palette={palette} asked="" />
        )}
      </DropArea>
    </FileContext.Provider>
  );
}

const drop = (name: string, content = '{}') => fireEvent.drop(screen.getByTestId('throughline-drop'), { dataTransfer: { types: ['Files'], files: [new File([content], name)] } });
const press = async (name: RegExp | string) => fireEvent.click(await screen.findByRole('button', { name }));

it('shows the trace of a file, says so, and leads back', async () => {
  const read = vi.fn(async () => contents({ leftOut: ['2 spans: too many'] }));
  render(<Panel files={filesOf(read)} />);
  drop('order.json');
  expect((await screen.findByRole('group', { name: 'Opened file' })).textContent).toContain('Opened from order.json (OTLP), not stored');
  expect(screen.getByText('Left out: 2 spans: too many')).toBeTruthy();
  expect((await screen.findByTestId('counts')).textContent).toBe('100 spans: 46 APP, 20 SYS, 34 NET');
  await press(/Export/);
  await screen.findByRole('button', { name: /^Save trace/ });
  expect(screen.queryByRole('button', { name: /Copy link/ })).toBeNull(); // it would lead nowhere
  await press('Back to the dashboard’s trace');
  expect(await screen.findByText('No trace selected')).toBeTruthy();
});

it('finds in the file, and says which attributes differ in what was found', async () => {
  render(<Panel files={filesOf(async () => contents())} />);
  drop('order.json');
  fireEvent.change(await screen.findByLabelText('Find spans'), { target: { value: 'of.the.file=yes' } });
  fireEvent.click(await screen.findByRole('button', { name: 'Which attributes differ' }, { timeout: 10_000 })); // the file is asked when the typing pauses
  expect(await screen.findByRole('region', { name: 'of.the.file' })).toBeTruthy();
});

it('asks which of several traces', async () => {
  const two = [one, { ...one, id: '6b8e', name: 'POST /return', failed: 1 }];
  const read = vi.fn(async (_: Blob, trace: string) => (trace ? contents({ traces: two, chosen: trace }) : contents({ traces: two, chosen: undefined, frame: undefined })));
  render(<Panel files={filesOf(read)} />);
  drop('two.jsonl');
  expect((await screen.findByRole('heading')).textContent).toBe('two.jsonl (OTLP) has 2 traces');
  await press(/POST \/return.*1 failed/);
  expect(await screen.findByTestId('counts')).toBeTruthy();
  expect(read.mock.calls.map(([, trace]) => trace)).toEqual(['', '6b8e']);
});

it('says why a file cannot be opened', async () => {
  render(<Panel files={filesOf(() => Promise.reject({ data: { message: 'the file is JSON that is cut off at line 1, column 7' } }))} />);
  drop('cut.json');
  expect((await screen.findByRole('alert')).textContent).toContain('cut.json could not be opened');
  expect(screen.getByRole('alert').textContent).toContain('cut off at line 1, column 7');
});

it('shows the file that was opened last, in whatever order they are read', async () => {
  const answers: Array<(c: FileContents) => void> = [];
  render(<Panel files={filesOf(() => new Promise((done) => answers.push(done)))} />);
  drop('first.json');
  drop('second.json');
  await waitFor(() => expect(answers.length).toBe(2));
  await act(async () => {
    answers[1](contents({ format: 'Zipkin’s JSON' }));
    answers[0](contents());
  });
  expect((await screen.findByRole('group', { name: 'Opened file' })).textContent).toContain('second.json (Zipkin’s JSON)');
});
