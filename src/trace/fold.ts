// What differs between names of the same work folds to #: numbers, and words of hex digits
// such as ids and UUIDs. pkg/trace/fold.go is its twin; testdata/fold.json holds for both.

/** How long a run of hex digits is at least that stands for an id: shorter ones are words ("add", "c3"). */
const ID = /^(?:[0-9a-f]{4,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;
const FOLDABLE = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-z]+/gi;
const DIGIT = /[0-9]/;
const NUMBERS = /[0-9]+/g;

/** "chunk 7" and "chunk 12" are of one kind, "fetch 9f3a" and "fetch 11ab" too. */
export function foldName(name: string): string {
  if (!DIGIT.test(name)) {
    return name;
  }
  return name.replace(FOLDABLE, (word) => (!DIGIT.test(word) ? word : ID.test(word) ? '#' : word.replace(NUMBERS, '#')));
}
