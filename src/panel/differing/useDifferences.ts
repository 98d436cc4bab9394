import { useContext, useEffect, useMemo, useState } from 'react';
import { readDifferences, type Differences } from '../../trace/differences';
import { sidesOf, type Against, type Sides } from '../../trace/sides';
import { BackendContext, reasonOf } from '../backend';
import { useTrace } from '../context';

interface Answer {
  sides: Sides;
  found?: Differences;
  error?: string;
}

/** What rows differ in against others, asked of the data source; without `found` and `error` it is on its way. */
export function useDifferences(rows: ArrayLike<number>, against: Against): Answer {
  const { analysis } = useTrace();
  const { trace, kinds } = analysis;
  const backend = useContext(BackendContext);
  const sides = useMemo(() => sidesOf(trace, kinds, rows, against), [trace.text.id, kinds, rows, against]); // eslint-disable-line react-hooks/exhaustive-deps -- colours change no side
  const [answer, setAnswer] = useState<Answer>({ sides });
  const { id } = trace.text;
  useEffect(() => {
    if (!backend || sides.selected.length === 0 || sides.others.length === 0) {
      return;
    }
    let current = true;
    const ids = (list: number[]) => list.map((row) => id[row]);
    backend.differences(ids(sides.selected), ids(sides.others)).then(
      (found) => current && setAnswer({ sides, found: readDifferences(found) }),
      (error) => current && setAnswer({ sides, error: reasonOf(error) })
    );
    return () => {
      current = false;
    };
  }, [backend, sides, id]);
  return answer.sides === sides ? answer : { sides };
}
