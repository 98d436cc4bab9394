import React from 'react';
import { useTrace } from '../context';
import { hasHops } from '../state/choices';

const HELP: ReadonlyArray<[keys: string, words: string, ofHops?: 'hops']> = [
  ['← → ↑ ↓', 'walk the tree'],
  ['W S A D', 'zoom, pan'],
  ['0', 'whole trace, also what runs after the answer'],
  ['[ ]', 'the view before, the view after (Alt ← →)'],
  ['B', 'flame and waterfall together'],
  ['Z', 'zoom to span or marked range'],
  ['M', 'mark its time'],
  ['F', 'focus its subtree'],
  ['X', 'fold it'],
  ['↵', 'open alike spans, or close them'],
  ['H', 'its hop path', 'hops'],
  ['1 2 3', 'APP, + SYS, all', 'hops'],
  ['C', 'critical only'],
  ['E ⇧E', 'its events, one after the other'],
  ['/ N ⇧N', 'find, next, previous'],
  ['Ctrl wheel', 'zoom'],
  ['⇧ wheel', 'pan'],
  ['⇧ drag', 'mark a range'],
  ['Ctrl drag', 'zoom to a range (⌘ drag)'],
  ['Alt click', 'focus subtree'],
  ['Esc', 'one step back'],
];

export function KeysHelp() {
  const hops = hasHops(useTrace().analysis.trace);
  return (
    <div className="tl-keys" role="note" aria-label="Keys">
      {HELP.filter(([, , of]) => of !== 'hops' || hops).map(([key, words]) => (
        <React.Fragment key={key}>
          <kbd>{key}</kbd>
          <span>{words}</span>
        </React.Fragment>
      ))}
    </div>
  );
}
