// Lays traces out beside the page. It is given the columns of one trace once, then asked
// for layouts of it.
import { Arranger, type ArrangeColumns } from '../arrange';
import { memoryOf, type FromWorker, type ToWorker } from './messages';

const page = self as unknown as { onmessage: ((e: MessageEvent<ToWorker>) => void) | null; postMessage(message: FromWorker, memory?: Transferable[]): void };

const columns: Record<string, unknown> = {};
let arranger: Arranger | null = null;

page.onmessage = ({ data }) => {
  if (data.kind === 'column') {
    columns[data.name] = data.value;
    arranger = null;
    return;
  }
  const trace = columns as unknown as ArrangeColumns;
  try {
    arranger ??= new Arranger(trace);
    const { start, end, ...arrangement } = arranger.arrange(data.options);
    arranger.forget(); // its arrays leave with the answer
    const own = start === trace.start ? {} : { start, end };
    const answer = { ...arrangement, ...own };
    page.postMessage({ kind: 'made', id: data.id, arrangement: answer }, memoryOf(answer));
  } catch (e) {
    page.postMessage({ kind: 'failed', id: data.id, message: e instanceof Error ? e.message : String(e) });
  }
};
page.postMessage({ kind: 'ready' });
