// Attributes as a span's details have them: a list, so that their order and types survive.

export interface Attribute {
  key: string;
  value: unknown;
  /** Its type in OpenTelemetry: string, int, double, bool, json, bytes. */
  type?: string;
}

export const isAttribute = (v: unknown): v is Attribute => v !== null && typeof v === 'object' && typeof (v as Attribute).key === 'string' && 'value' in v;

/** A list of attributes, or a record of them; what is neither is none. */
export function attributesOf(value: unknown): Attribute[] {
  if (Array.isArray(value)) {
    return value.filter(isAttribute);
  }
  return value !== null && typeof value === 'object' ? Object.entries(value).map(([key, v]) => ({ key, value: v })) : [];
}

/** The text of the first of the keys that is there, '' for none. */
export function textOf(list: readonly Attribute[], ...keys: string[]): string {
  for (const key of keys) {
    const found = list.find((a) => a.key === key);
    if (found && found.value !== null && found.value !== undefined && found.value !== '') {
      return typeof found.value === 'string' ? found.value : JSON.stringify(found.value);
    }
  }
  return '';
}

export function numberOf(list: readonly Attribute[], ...keys: string[]): number | undefined {
  const text = textOf(list, ...keys);
  const n = Number(text);
  return text !== '' && Number.isFinite(n) ? n : undefined;
}
