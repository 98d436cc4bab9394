// In which attributes two sets of spans differ, as the data source answers (POST differences).

/** A share of each side: the chosen, the others. */
export type Shares = readonly [selected: number, others: number];

export interface KeyDifference {
  key: string;
  of: 'field' | 'span' | 'resource';
  /** From 0 to 1, beyond what chance does. */
  score: number;
  have: Shares;
  /** '' is having none. */
  values: Array<{ value: string; share: Shares; cut?: boolean }>;
  /** Values that are not listed. */
  more: number;
  /** 10th, 50th and 90th percentiles of each side. */
  numbers?: readonly [readonly number[], readonly number[]];
}

export interface Differences {
  keys: KeyDifference[];
  /** In words. */
  leftOut: string[];
}

/** Whatever comes; what is no difference is left out. */
export function readDifferences(answer: unknown): Differences {
  const { keys, leftOut } = (answer ?? {}) as Record<string, unknown>;
  return {
    keys: (Array.isArray(keys) ? keys : [])
      .filter((k) => typeof k?.key === 'string' && typeof k.score === 'number')
      .map((k) => ({ have: [0, 0], ...k, values: Array.isArray(k.values) ? k.values : [], more: Number(k.more) || 0 })),
    leftOut: (Array.isArray(leftOut) ? leftOut : []).map(String),
  };
}
