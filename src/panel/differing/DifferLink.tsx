import React, { useContext } from 'react';
import { BackendContext } from '../backend';
import { useTrace } from '../context';
import type { ViewState } from '../state/view';

const NAME = 'Which attributes differ';

/** Opens the list of attributes in which some spans differ; there is none where nobody can be asked. */
export function DifferLink({ of, sign = false }: { of: Exclude<ViewState['differing'], ''>; sign?: boolean }) {
  const { state, act } = useTrace();
  const backend = useContext(BackendContext);
  const on = state.differing === of;
  return backend ? (
    <button className={sign ? undefined : 'tl-link'} aria-pressed={on} aria-label={sign ? NAME : undefined} title={sign ? 'Which attributes differ in what was found' : undefined} onClick={() => act.differ(on ? '' : of)}>
      {sign ? '≠' : NAME}
    </button>
  ) : null;
}
