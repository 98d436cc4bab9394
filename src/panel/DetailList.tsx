import React from 'react';

/** Any JSON value as a list of names and values, objects and lists flattened by path. */
export function DetailList({ values }: { values: unknown }) {
  const rows = flatten(values, '');
  if (rows.length === 0) {
    return <span className="tl-dim">none</span>;
  }
  return (
    <dl className="tl-kv tl-mono" style={{ gridTemplateColumns: 'minmax(90px,auto) 1fr' }}>
      {rows.map(([name, value]) => (
        <React.Fragment key={name}>
          <dt style={{ overflowWrap: 'anywhere' }}>{name}</dt>
          <dd>{value}</dd>
        </React.Fragment>
      ))}
    </dl>
  );
}

const MOST = 400;

function flatten(value: unknown, path: string, rows: Array<[string, string]> = []): Array<[string, string]> {
  if (rows.length >= MOST || value === null || value === undefined || value === '') {
    return rows;
  }
  if (typeof value !== 'object') {
    rows.push([path || 'value', String(value)]);
    return rows;
  }
  for (const [name, inner] of Object.entries(value)) {
    flatten(inner, path ? `${path}.${name}` : name, rows);
  }
  return rows;
}
