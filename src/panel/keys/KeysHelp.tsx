import React from 'react';
import { t } from '../../language/t';
import { useTrace } from '../context';
import { hasHops } from '../state/choices';

const help = (): ReadonlyArray<[keys: string, words: string, ofHops?: 'hops']> => [
  ['← → ↑ ↓', t('keys.walk', 'walk the tree')],
  ['W S A D', t('keys.zoom-pan', 'zoom, pan')],
  ['0', t('keys.all', 'whole trace, also what runs after the answer')],
  ['[ ]', t('keys.travel', 'the view before, the view after (Alt ← →)')],
  ['B', t('keys.both', 'flame and waterfall together')],
  ['Z', t('keys.zoom-to', 'zoom to span or marked range')],
  ['M', t('keys.mark', 'mark its time')],
  ['F', t('keys.focus', 'focus its subtree')],
  ['X', t('keys.fold', 'fold it')],
  ['↵', t('keys.open', 'open alike spans, or close them')],
  ['H', t('keys.hops', 'its hop path'), 'hops'],
  ['1 2 3', t('keys.layers', 'APP, + SYS, all'), 'hops'],
  ['C', t('keys.critical', 'critical only')],
  ['E ⇧E', t('keys.events', 'its events, one after the other')],
  ['/ N ⇧N', t('keys.find', 'find, next, previous')],
  [t('keys.key-ctrl-wheel', 'Ctrl wheel'), t('keys.wheel', 'zoom')],
  [t('keys.key-shift-wheel', '⇧ wheel'), t('keys.shift-wheel', 'pan')],
  [t('keys.key-shift-drag', '⇧ drag'), t('keys.shift-drag', 'mark a range')],
  [t('keys.key-ctrl-drag', 'Ctrl drag'), t('keys.ctrl-drag', 'zoom to a range (⌘ drag)')],
  [t('keys.key-alt-click', 'Alt click'), t('keys.alt-click', 'focus subtree')],
  ['Esc', t('keys.back', 'one step back')],
];

export function KeysHelp() {
  const hops = hasHops(useTrace().analysis.trace);
  return (
    <div className="tl-keys" role="note" aria-label={t('keys.keys', 'Keys')}>
      {help().filter(([, , of]) => of !== 'hops' || hops).map(([key, words]) => (
        <React.Fragment key={key}>
          <kbd>{key}</kbd>
          <span>{words}</span>
        </React.Fragment>
      ))}
    </div>
  );
}
