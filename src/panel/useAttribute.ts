import { useEffect, useMemo, useState } from 'react';
import { withColumn } from '../trace/group';
import type { Trace } from '../trace/model';

/** The attributes of a trace's spans, which its frame leaves behind. */
export interface Attributes {
  /** Keys, the most frequent first. */
  keys: () => Promise<string[]>;
  /** Values by the span's id. */
  values: (key: string) => Promise<Record<string, string>>;
}

interface Loaded {
  trace: Trace;
  field: string;
  values?: Record<string, string>;
  error?: string;
}

/** The trace with a column of the attribute that is coloured by, as soon as it is there. */
export function useAttribute(trace: Trace, field: string, wanted: boolean, attributes?: Attributes): { trace: Trace; error?: string } {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  useEffect(() => {
    if (!wanted || !attributes) {
      return;
    }
    let current = true;
    attributes.values(field).then(
      (values) => current && setLoaded({ trace, field, values }),
      (e) => current && setLoaded({ trace, field, error: e instanceof Error ? e.message : String(e?.data?.message ?? e?.statusText ?? e) })
    );
    return () => {
      current = false;
    };
  }, [trace, field, wanted, attributes]);
  const mine = wanted && loaded?.field === field && loaded.trace === trace ? loaded : null;
  const coloured = useMemo(() => (mine?.values ? withColumn(trace, field, mine.values) : trace), [trace, field, mine]);
  return { trace: coloured, error: mine?.error };
}
