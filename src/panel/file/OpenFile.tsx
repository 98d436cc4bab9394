import React, { useContext, useRef } from 'react';
import { t } from '../../language/t';
import { FileContext } from './traceFiles';

/** A button that opens a saved trace; nothing where nobody can read it. */
export function OpenFile({ className = 'tl-button tl-quiet', onOpen, children }: { className?: string; onOpen?: () => void; children?: React.ReactNode }) {
  const files = useContext(FileContext);
  const input = useRef<HTMLInputElement>(null);
  if (!files) {
    return null;
  }
  return (
    <>
      <button type="button" className={className} title={t('file.open-help', 'A trace that was saved: ours, OTLP, Jaeger’s, Zipkin’s or Tempo’s JSON. A file can also be dropped on the panel.')} onClick={() => input.current?.click()}>
        {children ?? t('file.open', 'Open a file…')}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={t('file.saved', 'Saved trace')}
        onChange={(e) => {
          const chosen = e.currentTarget.files?.[0];
          e.currentTarget.value = ''; // the same one can be chosen again
          if (chosen) {
            onOpen?.();
            files.open(chosen);
          }
        }}
      />
    </>
  );
}
