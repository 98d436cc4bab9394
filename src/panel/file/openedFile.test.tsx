// A saved trace in the panel, as far as it needs no data source: who reads files is made up.
import React from 'react';
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
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

const drop = async (name: string, content = '{}') => {
  const file = new File([content], name);
  await act(async () => {
    fireEvent.drop(screen.getByTestId('throughline-drop'), { dataTransfer: { types: ['Files'], files: [file] } });
    await new Promise((done) => setTimeout(done));
  });
};
const press = (name: RegExp | string) =>
  act(async () => {
    fireEvent.click(screen.getByRole('button', { name }));
    await new Promise((done) => setTimeout(done));
  });

it('shows the trace of a file, says so, and leads back', async () => {
  const read = vi.fn(async () => contents({ leftOut: ['2 spans: too many'] }));
  render(<Panel files={filesOf(read)} />);
  await drop('order.json');
  expect(screen.getByRole('group', { name: 'Opened file' }).textContent).toContain('Opened from order.json (OTLP), not stored');
  expect(screen.getByText('Left out: 2 spans: too many')).toBeTruthy();
  expect(screen.getByTestId('counts').textContent).toBe('100 spans: 46 APP, 20 SYS, 34 NET');
  await press(/Export/);
  expect(screen.queryByRole('button', { name: /Copy link/ })).toBeNull(); // it would lead nowhere
  await press('Back to the dashboard’s trace');
  expect(screen.getByText('No trace selected')).toBeTruthy();
});

it('asks which of several traces', async () => {
  const two = [one, { ...one, id: '6b8e', name: 'POST /return', failed: 1 }];
  const read = vi.fn(async (_: Blob, trace: string) => (trace ? contents({ traces: two, chosen: trace }) : contents({ traces: two, chosen: undefined, frame: undefined })));
  render(<Panel files={filesOf(read)} />);
  await drop('two.jsonl');
  expect(screen.getByRole('heading').textContent).toBe('two.jsonl (OTLP) has 2 traces');
  await press(/POST \/return.*1 failed/);
  expect(read.mock.calls.map(([, trace]) => trace)).toEqual(['', '6b8e']);
  expect(screen.getByTestId('counts')).toBeTruthy();
});

it('says why a file cannot be opened', async () => {
  render(<Panel files={filesOf(() => Promise.reject({ data: { message: 'the file is JSON that is cut off at line 1, column 7' } }))} />);
  await drop('cut.json');
  expect(screen.getByRole('alert').textContent).toContain('cut.json could not be opened');
  expect(screen.getByRole('alert').textContent).toContain('cut off at line 1, column 7');
});

it('shows the file that was opened last, in whatever order they are read', async () => {
  const answers: Array<(c: FileContents) => void> = [];
  render(<Panel files={filesOf(() => new Promise((done) => answers.push(done)))} />);
  await drop('first.json');
  await drop('second.json');
  await act(async () => {
    answers[1](contents({ format: 'Zipkin’s JSON' }));
    answers[0](contents());
  });
  expect(screen.getByRole('group', { name: 'Opened file' }).textContent).toContain('second.json (Zipkin’s JSON)');
});
