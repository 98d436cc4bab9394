import React, { useState } from 'react';
import { t } from '../../language/t';
import { readable } from '../../trace/details/readable';
import { formatBytes } from '../../trace/details/readable';
import { clip } from '../../trace/clip';

/** Longer values are shown in part until asked for. */
const SHORT = { characters: 400, lines: 8 };

/** Of a name it takes less to know which it is. */
const NAME = 160;

/** A value as people read it; long ones open in place. */
export function Value({ name, value }: { name: string; value: unknown }) {
  const { text, block, raw } = readable(name, value);
  return <Text text={text} block={block} title={raw !== undefined && raw.length < 200 && raw !== text ? raw : undefined} name={name} />;
}

interface TextProps {
  text: string;
  /** Keeps its lines. */
  block: boolean;
  title?: string;
  name: string;
  /** Characters that are shown until asked for more. */
  most?: number;
}

/** A name, and all of it when asked for. */
export const Name = ({ text, of }: { text: string; of: string }) => <Text text={text} block={false} title={text.length > NAME ? text : undefined} name={of} most={NAME} />;

export function Text({ text, block, title, name, most = SHORT.characters }: TextProps) {
  const [open, setOpen] = useState(false);
  const short = cut(text, most);
  const shown = open ? text : short;
  return (
    <>
      {block ? (
        <pre className="tl-block tl-mono" title={title} tabIndex={0} role="region" aria-label={name}>
          {shown}
        </pre>
      ) : (
        <span title={title}>{shown}</span>
      )}
      {short !== text && (
        <button className="tl-link" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? t('details.less', 'Show less') : t('details.all', 'Show all {{size}}', { size: formatBytes(text.length) })}
        </button>
      )}
    </>
  );
}

function cut(text: string, most: number): string {
  const lines = text.split('\n', SHORT.lines + 1);
  const few = lines.length > SHORT.lines ? `${lines.slice(0, SHORT.lines).join('\n')}\n…` : text;
  return clip(few, most);
}
