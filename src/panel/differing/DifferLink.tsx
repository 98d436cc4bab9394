import React, { useContext } from 'react';
import { t } from '../../language/t';
import { BackendContext } from '../backend';
import { useTrace } from '../context';
import type { ViewState } from '../state/view';

/** Opens the list of attributes in which some spans differ; there is none where nobody can be asked. */
export function DifferLink({ of, sign = false }: { of: Exclude<ViewState['differing'], ''>; sign?: boolean }) {
  const { state, act } = useTrace();
  const backend = useContext(BackendContext);
  const on = state.differing === of;
  const name = t('differing.title', 'Which attributes differ');
  return backend ? (
    <button className={sign ? undefined : 'tl-link'} aria-pressed={on} aria-label={sign ? name : undefined} title={sign ? t('differing.in-found', 'Which attributes differ in what was found') : undefined} onClick={() => act.differ(on ? '' : of)}>
      {sign ? '≠' : name}
    </button>
  ) : null;
}
