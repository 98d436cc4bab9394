import React from 'react';
import { isAttribute, type Attribute } from '../trace/details/attribute';
import { Rows } from './details/Rows';

/** Any JSON value as a list of names and values; objects are flattened by path. */
export const DetailList = ({ values }: { values: unknown }) => <Rows list={flatten(values, '', [])} of="other" />;

/** No list is longer. */
const MOST = 1000;

function flatten(value: unknown, path: string, rows: Attribute[]): Attribute[] {
  if (rows.length >= MOST || value === null || value === undefined || value === '') {
    return rows;
  }
  if (typeof value !== 'object') {
    rows.push({ key: path || 'value', value });
  } else if (Array.isArray(value)) {
    value.forEach((inner, k) => (isAttribute(inner) ? flatten(inner.value, path ? `${path}.${inner.key}` : inner.key, rows) : flatten(inner, path ? `${path} ${k + 1}` : String(k + 1), rows)));
  } else {
    Object.entries(value).forEach(([name, inner]) => flatten(inner, path ? `${path}.${name}` : name, rows));
  }
  return rows;
}
