// Choices in the page's address: `tab:waterfall;layers:app,sys;colour:http.route;draw:alike;find:error`,
// with only what differs from the panel's options.
import type { Choices, Sources } from './choices';
import { TABS } from './choices';

const LAYERS = ['app', 'sys', 'net'] as const;
const DENSITIES: ReadonlyArray<Choices['density']> = ['auto', 'folded', 'strands', 'rows', 'texture', 'alike'];

export function writeChoices(chosen: Choices, options: Choices): string {
  const parts: Array<[string, string]> = [];
  if (chosen.tab !== options.tab) {
    parts.push(['tab', chosen.tab]);
  }
  if (chosen.sources.join() !== options.sources.join()) {
    parts.push(['layers', LAYERS.filter((_, k) => chosen.sources[k]).join() || 'none']);
  }
  if (chosen.colourBy !== options.colourBy) {
    parts.push(['colour', chosen.colourBy]);
  }
  if (chosen.density !== options.density) {
    parts.push(['draw', chosen.density]);
  }
  if (chosen.split !== options.split) {
    parts.push(['split', chosen.split ? 'on' : 'off']);
  }
  if (chosen.query.trim() !== '') {
    parts.push(['find', chosen.query]); // a blank at its end is where the next word begins
  }
  if (chosen.matchesOnly) {
    parts.push(['show', 'matches']);
  }
  return parts.map(([key, value]) => `${key}:${value.replace(/[%;]/g, encodeURIComponent)}`).join(';');
}

/** What an address says, over the options; what it cannot mean is left out. */
export function readChoices(text: string, options: Choices): Choices {
  const chosen = { ...options };
  for (const part of text.split(';')) {
    const colon = part.indexOf(':');
    const value = decoded(part.slice(colon + 1));
    switch (part.slice(0, Math.max(0, colon))) {
      case 'tab':
        chosen.tab = TABS.find((tab) => tab === value) ?? chosen.tab;
        break;
      case 'layers':
        chosen.sources = LAYERS.map((layer) => value.split(',').includes(layer)) as unknown as Sources;
        break;
      case 'colour':
        chosen.colourBy = value || chosen.colourBy;
        break;
      case 'split':
        chosen.split = value === 'on' || (value !== 'off' && chosen.split);
        break;
      case 'find':
        chosen.query = value;
        break;
      case 'show':
        chosen.matchesOnly = value === 'matches';
        break;
      case 'draw':
        chosen.density = DENSITIES.find((density) => density === value) ?? chosen.density;
    }
  }
  return chosen;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
