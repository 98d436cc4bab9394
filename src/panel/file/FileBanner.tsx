import React from 'react';
import { formatCount, formatTime } from '../../trace/format';
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
    <div className="tl-file" role="group" aria-label="Opened file">
      <span className="tl-clip" role="status" title={name}>
        Opened from <b>{name}</b> ({format}), not stored
      </span>
      {traces.length > 1 && (
        <select aria-label="Trace of the file" value={chosen} onChange={(e) => choose(e.currentTarget.value)}>
          {traces.map((t) => (
            <option key={t.id} value={t.id}>
              {t.service} {t.name}, {formatTime(t.duration)}, {formatCount(t.spans)} spans
            </option>
          ))}
          <option value="all">All {traces.length} as one</option>
        </select>
      )}
      {leftOut.length > 0 && (
        <span className="tl-clip tl-file-left" title={leftOut.join('\n')}>
          Left out: {leftOut.join('; ')}
        </span>
      )}
      <span className="tl-grow" />
      <button type="button" className="tl-link" onClick={back}>
        Back to the dashboard’s trace
      </button>
    </div>
  );
}
