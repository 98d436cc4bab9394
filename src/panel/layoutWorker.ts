// Makes the worker that lays large traces out. Its file lies beside the panel's module; a
// browser makes no worker of a script of another origin (a CDN), so there a script of our
// own loads it. Where that is forbidden too, null: the page does the work itself.
import type { WorkerLike } from '../trace/worker/arrangeClient';
import { LayoutScript } from './layoutScript';

type MakeWorker = () => WorkerLike | null;

const ofFile: MakeWorker = () => {
  if (typeof Worker !== 'function') {
    return null;
  }
  const { url } = new LayoutScript(/* webpackEntryOptions: { library: { type: 'var', name: 'throughlineLayout' } } */ new URL('../trace/worker/layout.worker.ts', import.meta.url));
  if (url.origin === location.origin) {
    return new Worker(url);
  }
  const loader = URL.createObjectURL(new Blob([`importScripts(${JSON.stringify(url.href)})`], { type: 'text/javascript' }));
  try {
    return new Worker(loader);
  } finally {
    URL.revokeObjectURL(loader);
  }
};

let make: MakeWorker = ofFile;

/** For pages that are built in another way than the plugin. */
export const replaceLayoutWorker = (other: MakeWorker): void => void (make = other);

export const makeLayoutWorker: MakeWorker = () => make();
