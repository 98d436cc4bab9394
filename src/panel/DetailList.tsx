import React from 'react';

/** Any JSON value as a list of names and values; objects are flattened by path. */
export function DetailList({ values }: { values: unknown }) {
  const rows = flatten(values, '', []);
  if (rows.length === 0) {
    return <span className="tl-dim">none</span>;
  }
  return (
    <dl className="tl-kv tl-mono" style={{ gridTemplateColumns: 'minmax(90px,auto) 1fr' }}>
      {rows.map(([name, value], k) => (
        <React.Fragment key={`${k}${name}`}>
          <dt style={{ overflowWrap: 'anywhere' }}>{name}</dt>
          <dd>{value}</dd>
        </React.Fragment>
      ))}
    </dl>
  );
}

const MOST = 400;

type Row = [name: string, value: string];
type Attribute = { key: string; value: unknown };

/** Attributes come as a list of keys and values, so that their order and types survive. */
export const isAttribute = (v: unknown): v is Attribute => v !== null && typeof v === 'object' && typeof (v as Attribute).key === 'string' && 'value' in v;

function flatten(value: unknown, path: string, rows: Row[]): Row[] {
  if (rows.length >= MOST || value === null || value === undefined || value === '') {
    return rows;
  }
  if (typeof value !== 'object') {
    rows.push([path || 'value', String(value)]);
  } else if (Array.isArray(value)) {
    value.forEach((inner, k) => (isAttribute(inner) ? flatten(inner.value, path ? `${path}.${inner.key}` : inner.key, rows) : flatten(inner, path ? `${path} ${k + 1}` : String(k + 1), rows)));
  } else {
    Object.entries(value).forEach(([name, inner]) => flatten(inner, path ? `${path}.${name}` : name, rows));
  }
  return rows;
}
