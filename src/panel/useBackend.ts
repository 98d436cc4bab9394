import { useMemo } from 'react';
import { getBackendSrv, type BackendSrvRequest } from '@grafana/runtime';
import { lastValueFrom } from 'rxjs';
import type { Backend } from './backend';

/** The data source with this uid. */
export function useBackend(uid: string | undefined): Backend | null {
  return useMemo(() => (uid ? backendOf(uid) : null), [uid]);
}

/** Asks a data source for a path of its resources. */
export type Asker = <T>(path: string, request?: Partial<BackendSrvRequest>) => Promise<T>;

export const askerOf =
  (uid: string): Asker =>
  async <T>(path: string, request?: Partial<BackendSrvRequest>): Promise<T> =>
    (await lastValueFrom(getBackendSrv().fetch<T>({ url: `/api/datasources/uid/${encodeURIComponent(uid)}/resources/${path}`, method: 'GET', showErrorAlert: false, ...request }))).data;

/** Asks for a file. */
export async function asBlob(ask: Asker, path: string, request: Partial<BackendSrvRequest>): Promise<Blob> {
  try {
    return await ask<Blob>(path, { ...request, responseType: 'blob' });
  } catch (error) {
    throw await readable(error);
  }
}

function backendOf(uid: string): Backend {
  const ask = askerOf(uid);
  return {
    differences: (selected, others) => ask('differences', { method: 'POST', data: { selected, others } }),
    exportOtlp: (id) => asBlob(ask, `export/${encodeURIComponent(id)}`, { params: { format: 'otlp' } }),
    finder: {
      spans: (id, filter, abortSignal) => ask(`find/${encodeURIComponent(id)}`, { params: { filter }, abortSignal }),
      keys: (id, abortSignal) => ask(`find/${encodeURIComponent(id)}/keys`, { abortSignal }),
      values: (id, key, text, abortSignal) => ask(`find/${encodeURIComponent(id)}/values`, { params: { key, text }, abortSignal }),
    },
  };
}

// Where a file was asked for, what went wrong comes as one, too.
async function readable(error: unknown): Promise<unknown> {
  const { data } = (error ?? {}) as { data?: unknown };
  if (!(data instanceof Blob)) {
    return error;
  }
  const text = await data.text();
  try {
    return { ...(error as object), data: JSON.parse(text) };
  } catch {
    return new Error(text);
  }
}
