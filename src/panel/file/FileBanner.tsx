import React from 'react';
import { spans } from '../../language/counts';
import { t } from '../../language/t';
import { formatTime } from '../../trace/format';
import type { FileContents } from './traceFiles';

interface FileBannerProps {
  name: string;
  contents: FileContents;
  choose: (trace: string) => void;
  back: () => void;
}

/** Says that what is shown is of a file, and is the way back. */
export function FileBanner({ name, contents, choose, back }: FileBannerProps) {
  const { format, traces, leftOut, chosen } = contents;
  return (
    <div className="tl-file" role="group" aria-label={t('file.opened', 'Opened file')}>
      <span className="tl-clip" role="status" title={name}>
        {t('file.from', 'Opened from')} <b>{name}</b> ({format}), {t('file.not-stored', 'not stored')}
      </span>
      {traces.length > 1 && (
        <select aria-label={t('file.trace', 'Trace of the file')} value={chosen} onChange={(e) => choose(e.currentTarget.value)}>
          {traces.map((trace) => (
            <option key={trace.id} value={trace.id}>
              {trace.service} {trace.name}, {formatTime(trace.duration)}, {spans(trace.spans)}
            </option>
          ))}
          <option value="all">{t('file.all', 'All {{n}} as one', { n: traces.length })}</option>
        </select>
      )}
      {leftOut.length > 0 && (
        <span className="tl-clip tl-file-left" title={leftOut.join('\n')}>
          {t('file.left-out', 'Left out: {{what}}', { what: leftOut.join('; ') })}
        </span>
      )}
      <span className="tl-grow" />
      <button type="button" className="tl-link" onClick={back}>
        {t('file.back', 'Back to the dashboard’s trace')}
      </button>
    </div>
  );
}
