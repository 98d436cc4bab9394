import React, { useId, useState } from 'react';
import { t } from '../../language/t';
import type { Exception } from '../../trace/details/exception';
import { countFrames, type StackPart } from '../../trace/details/stack';
import { CopyButton } from './CopyButton';
import { Name, Text } from './Value';

/** Frames of a part that are shown; more only scroll the page away. */
const MOST = 1000;

/** An exception: what, why, and where in the service's own code. */
export function ExceptionCard({ exception, when }: { exception: Exception; when?: string }) {
  const { type, message, parts, stack } = exception;
  const { own, all } = countFrames(parts);
  const [full, setFull] = useState(false);
  const heading = useId();
  const everything = full || own === 0;
  return (
    <article className="tl-exception" aria-labelledby={heading} data-testid="exception">
      <div id={heading}>
        <b className="tl-exception-type">{type ? <Name text={type} of="type" /> : t('details.exception-unnamed', 'exception')}</b> {when && <span className="tl-dim">{when}</span>}
      </div>
      {message && (
        <div className="tl-exception-message">
          <Text text={message} block={false} name="message" />
        </div>
      )}
      {parts.length > 0 && (
        <>
          <div className="tl-stack-head">
            {own > 0 && own < all && (
              <button className="tl-link" aria-pressed={full} onClick={() => setFull(!full)}>
                {!full
                  ? t('details.all-frames', 'All {{n}} frames', { n: all })
                  : own === 1
                    ? t('details.own-frame', 'Only the own frame')
                    : t('details.own-frames', 'Only the {{n}} own frames', { n: own })}
              </button>
            )}
            {own > 0 && own < all && !full && <span className="tl-dim">{t('details.own-code', '{{n}} of the service’s own code', { n: own })}</span>}
            <span className="tl-grow" />
            <CopyButton text={stack} what={t('details.stack', 'stack trace')} />
          </div>
          <pre className="tl-block tl-mono tl-frames" tabIndex={0} role="region" aria-label={t('details.stack-label', 'Stack trace')}>
            {parts.map((part, k) => (
              <Part key={k} part={part} everything={everything} repeats={k === 0 && isHeading(part.head, type, message)} />
            ))}
          </pre>
        </>
      )}
    </article>
  );
}

// The first line of a stack is mostly what stands above it already.
const isHeading = (head: string, type: string, message: string): boolean => head.trim() === `${type}: ${message}`.trim() || head.trim() === type;

function Part({ part, everything, repeats }: { part: StackPart; everything: boolean; repeats: boolean }) {
  const frames = part.frames.filter((f) => everything || f.own);
  const libraries = part.frames.length - frames.length;
  return (
    <>
      {!repeats && part.head !== '' && <div className="tl-frame-head">{part.head}</div>}
      {frames.slice(0, MOST).map((f, k) => (
        <div key={k} className={f.own ? undefined : 'tl-dim'}>
          {f.text}
        </div>
      ))}
      {frames.length > MOST && <div className="tl-dim">{t('details.more-frames', '… {{n}} more frames; copy has all', { n: frames.length - MOST })}</div>}
      {libraries > 0 && <div className="tl-dim">{`    ${t('details.libraries', '… {{n}} of libraries', { n: libraries })}`}</div>}
    </>
  );
}
