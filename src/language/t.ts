import { t as translate } from '@grafana/i18n';

/** What fills a text's holes. */
type Values = Record<string, string | number>;

/**
 * A text in the user's language: its key, and what it says in English. What fills its holes is
 * shown as it is, also where it looks like HTML or like a key: React escapes, and spans are named by anybody.
 */
export const t = (key: string, english: string, values?: Values): string => translate(key, english, values && { ...values, nest: false, interpolation: { escapeValue: false } });
