// SQL with a line for each clause. Texts, quoted names and comments stay as they are; so does
// what is no SQL.

const STATEMENT = /^\s*(?:\/\*[\s\S]*?\*\/\s*)?(?:SELECT|INSERT|UPDATE|DELETE|WITH|MERGE|REPLACE|CREATE|ALTER|CALL|EXPLAIN|UPSERT)\b/i;
/** Begins a line. */
const CLAUSE =
  /^(?:SELECT|FROM|WHERE|GROUP BY|ORDER BY|HAVING|LIMIT|OFFSET|FETCH|UNION(?: ALL)?|EXCEPT|INTERSECT|VALUES|SET|RETURNING|WINDOW|ON CONFLICT|ON DUPLICATE KEY|(?:(?:LEFT|RIGHT|FULL|INNER|CROSS|NATURAL)(?: OUTER)? )?JOIN|INSERT INTO|DELETE FROM|FOR UPDATE)\b/i;
/** Begins an indented line. */
const CONDITION = /^(?:AND|OR)\b/i;

/** Texts, quoted names, comments; words with blanks between; brackets; anything else. */
const TOKEN = /'(?:[^']|'')*'?|"(?:[^"]|"")*"?|`[^`]*`?|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[A-Za-z_][\w$]*|\s+|[()]|[^\s]/g;

export const isSql = (text: string): boolean => STATEMENT.test(text.slice(0, 1000));

/** More than this is shown as it came. */
const LONGEST = 20_000;

export function formatSql(text: string): string {
  if (!isSql(text) || text.length > LONGEST) {
    return text;
  }
  const lines: string[] = [];
  let line = '';
  const breakLine = (indent: string) => {
    lines.push(line.trimEnd());
    line = indent;
  };
  let depth = 0;
  let between = false; // of BETWEEN ... AND
  const tokens = text.trim().match(TOKEN) ?? [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (/^\s/.test(token)) {
      line += line === '' || line.endsWith(' ') ? '' : ' ';
      continue;
    }
    if (/^[A-Za-z_]/.test(token) && depth === 0) {
      const ahead = tokens.slice(i, i + 6).join('').replace(/\s+/g, ' ');
      if (CLAUSE.test(ahead) && line.trim() !== '' && !INSIDE.test(line.slice(-12))) {
        breakLine('');
      } else if (CONDITION.test(ahead) && !between) {
        breakLine('  ');
      }
      between = /^BETWEEN$/i.test(token) || (between && !/^AND$/i.test(token));
    }
    depth = Math.max(0, depth + (token === '(' ? 1 : token === ')' ? -1 : 0));
    line += token;
    if (token.startsWith('--')) {
      breakLine('');
    }
  }
  breakLine('');
  return lines.join('\n').trimEnd();
}

/** The middle of a clause's words. */
const INSIDE = /\b(?:LEFT|RIGHT|FULL|INNER|CROSS|NATURAL|OUTER|INSERT|DELETE|UNION) $/i;
