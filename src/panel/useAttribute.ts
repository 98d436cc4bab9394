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
  /** Trace and attribute. */
  of: string;
  /** How many spans the trace had. */
  spans: number;
  values?: Record<string, string>;
  error?: string;
}

/**
 * The trace with a column of the attribute that is coloured by, as soon as it is there. A
 * refresh asks again only where it brought spans, and the colours stay until then.
 */
export function useAttribute(trace: Trace, field: string, wanted: boolean, attributes?: Attributes): { trace: Trace; error?: string } {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const of = JSON.stringify([trace.meta.traceId, field]);
  const known = loaded?.of === of && loaded.spans === trace.length && loaded.values !== undefined;
  useEffect(() => {
    if (!wanted || !attributes || known) {
      return;
    }
    let current = true;
    const spans = trace.length;
    attributes.values(field).then(
      (values) => current && setLoaded({ of, spans, values }),
      (e) => current && setLoaded({ of, spans, error: e instanceof Error ? e.message : String(e?.data?.message ?? e?.statusText ?? e) })
    );
    return () => {
      current = false;
    };
  }, [trace, of, field, wanted, attributes, known]);
  const mine = wanted && loaded?.of === of ? loaded : null;
  const coloured = useMemo(() => (mine?.values ? withColumn(trace, field, mine.values) : trace), [trace, field, mine]);
  return { trace: coloured, error: mine?.error };
}
