// Makes the worker that reads and lays out large traces. Its file lies beside the panel's
// module; a browser makes no worker of a script of another origin (a CDN), so there a script
// of our own loads it. Where that is forbidden too, null: the page does the work itself.
import { createContext, useContext, useEffect, useState } from 'react';
import { TraceClient, type WorkerLike } from '../trace/worker/client';
import { WorkerScript } from './workerScript';

type MakeWorker = () => WorkerLike | null;

const ofFile: MakeWorker = () => {
  if (typeof Worker !== 'function') {
    return null;
  }
  const { url } = new WorkerScript(/* webpackEntryOptions: { library: { type: 'var', name: 'throughlineTrace' } } */ new URL('../trace/worker/trace.worker.ts', import.meta.url));
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
export const replaceTraceWorker = (other: MakeWorker): void => void (make = other);

/** A worker of the panel's own; it ends with the panel. */
export function useTraceClient(): TraceClient {
  const [client] = useState(() => new TraceClient(() => make()));
  useEffect(() => () => client.dispose(), [client]);
  return client;
}

export const ClientContext = createContext(new TraceClient(() => null));
export const useClient = (): TraceClient => useContext(ClientContext);
