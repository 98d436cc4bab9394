// A link's reason comes as one text: words, then the values that were equal, as
// `name=value`. The drawer shows both apart.

interface Reason {
  words: string;
  values: Array<[name: string, value: string]>;
}

export function parseReason(text: string): Reason {
  const values: Array<[string, string]> = [];
  const words = text
    .replace(/([A-Za-z_][\w.-]*)=("[^"]*"|[^\s,;)]+)/g, (_, name: string, value: string) => {
      values.push([name, value.replace(/^"|"$/g, '')]);
      return '';
    })
    .replace(/\(\s*[,;\s]*\)/g, '')
    .replace(/[\s,;:]+$/, '')
    .replace(/\s+([,;:])/g, '$1')
    .replace(/\s{2,}/g, ' ')
    .trim();
  return { words: /[A-Za-z]/.test(words) ? words : '', values };
}
