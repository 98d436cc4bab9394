import React, { useState } from 'react';
import { t } from '../../language/t';
import { copyText } from '../save';

/** Copies a text, and says so. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [done, setDone] = useState(false);
  return (
    <button className="tl-row-act" aria-label={t('details.copy', 'Copy {{what}}', { what })} title={t('details.copy', 'Copy {{what}}', { what })} onClick={() => void copyText(text).then(() => setDone(true))} onBlur={() => setDone(false)}>
      {done ? '✓' : <CopyIcon />}
      <span className="tl-sr" aria-live="polite">
        {done ? t('details.copied', 'copied') : ''}
      </span>
    </button>
  );
}

const CopyIcon = () => (
  <svg width="12" height="12" viewBox="0 0 12 12" fill="none" stroke="currentColor" aria-hidden>
    <rect x="3.5" y="3.5" width="7" height="7" rx="1" />
    <path d="M8.5 1.5h-6a1 1 0 0 0-1 1v6" />
  </svg>
);
