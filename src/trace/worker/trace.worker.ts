// Reads, analyses and lays out beside the page. Whatever it answers with is a copy, whose
// memory is handed over: its own columns stay for the next question.
import { Desk } from './desk';
import { memoryOf } from './handover';
import type { FromWorker, ToWorker } from './messages';

const page = self as unknown as { onmessage: ((e: MessageEvent<ToWorker>) => void) | null; postMessage(message: FromWorker, memory?: Transferable[]): void };

const desk = new Desk();

page.onmessage = ({ data }) => {
  if (data.kind === 'forget') {
    desk.forget(data.trace);
    return;
  }
  try {
    const answer = structuredClone(desk.answer(data.question));
    page.postMessage({ kind: 'answer', id: data.id, answer }, memoryOf(answer));
  } catch (e) {
    page.postMessage({ kind: 'failed', id: data.id, message: e instanceof Error ? e.message : String(e) });
  }
};
page.postMessage({ kind: 'ready' });
