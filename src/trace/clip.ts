/** Characters of a name that say which it is. */
const NAME = 160;

/** The beginning of a name that is longer than a line or two, as whole statements sent for one are. */
export const clip = (name: string, most = NAME): string => (name.length > most * 1.25 ? `${name.slice(0, most).trimEnd()}…` : name);
