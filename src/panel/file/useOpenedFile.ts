import { useCallback, useMemo, useRef, useState } from 'react';
import { reasonOf } from '../backend';
import { pack } from './pack';
import type { FileContents, TraceFiles } from './traceFiles';

/** A file that was opened, on its way or read. */
export interface OpenedFile {
  name: string;
  /** As it is sent: packed, where it is large. */
  content?: Blob;
  contents?: FileContents;
  /** Why it cannot be read. */
  error?: string;
}

export interface OpenedFileState {
  /** Null: the dashboard's trace is shown. */
  file: OpenedFile | null;
  open: (file: File) => void;
  /** Shows another trace of it. */
  choose: (trace: string) => void;
  close: () => void;
}

/** The file that is shown instead of the dashboard's trace. Of several that were opened the last one counts. */
export function useOpenedFile(files: TraceFiles | null): OpenedFileState | null {
  const [file, setFile] = useState<OpenedFile | null>(null);
  const turn = useRef(0);
  const read = useCallback(
    async (name: string, content: () => Promise<Blob>, trace: string) => {
      const mine = ++turn.current;
      const tell = (change: Omit<OpenedFile, 'name'>) => turn.current === mine && setFile({ name, ...change });
      tell({});
      try {
        const sent = await content();
        tell({ content: sent, contents: await files!.read(sent, trace) });
      } catch (error) {
        tell({ error: reasonOf(error) });
      }
    },
    [files]
  );
  return useMemo(
    () =>
      files && {
        file,
        open: (opened) => void read(opened.name, () => pack(opened), ''),
        choose: (trace) => file?.content && void read(file.name, async () => file.content!, trace),
        close: () => {
          turn.current++;
          setFile(null);
        },
      },
    [files, file, read]
  );
}
