import React, { useState } from 'react';
import { readable } from '../../trace/details/readable';
import { formatBytes } from '../../trace/details/readable';

/** Longer values are shown in part until asked for. */
const SHORT = { characters: 400, lines: 8 };

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
}

export function Text({ text, block, title, name }: TextProps) {
  const [open, setOpen] = useState(false);
  const short = cut(text);
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
          {open ? 'Show less' : `Show all ${formatBytes(text.length)}`}
        </button>
      )}
    </>
  );
}

function cut(text: string): string {
  const lines = text.split('\n', SHORT.lines + 1);
  const few = lines.length > SHORT.lines ? `${lines.slice(0, SHORT.lines).join('\n')}\n…` : text;
  return few.length > SHORT.characters * 1.25 ? `${few.slice(0, SHORT.characters)}…` : few;
}
