// Where the time of a row went, as the data source answers it (resource "layers").
import { Layer, LAYER_NAMES, LAYERS } from '../trace/model';

export interface LayersAnswer {
  rows: RowLayers[];
  notices: string[];
}

export interface RowLayers {
  duration: number; // ns, the sum of the layers
  layers: { code: number; kernel: number; network: number; not_seen: number; waiting?: number };
  services?: Array<{ service: string; code: number; kernel: number; waiting?: number }>;
  names?: string[];
  counts: { app: number; sys: number; net: number };
  trace: number; // ns, the whole trace
  sentence?: string;
  /** What must be known beside the sentence, what failed first. */
  remarks?: Array<{ kind: string; text: string }>;
  reason?: string;
  later?: boolean;
}

const KEYS: Readonly<Record<Layer, keyof RowLayers['layers']>> = { 0: 'code', 1: 'kernel', 2: 'network', 3: 'not_seen', 4: 'waiting' };

export const timeOf = (row: RowLayers, layer: Layer): number => row.layers[KEYS[layer]] ?? 0;

/** The share of a layer, 0 to 1; -1 where it is not known. */
export const shareOf = (row: RowLayers | undefined, layer: Layer): number =>
  !row || row.reason ? -1 : row.duration > 0 ? timeOf(row, layer) / row.duration : 0;

/** A layer's part of a bar, and whose time it is: nobody's where time has no owner. */
interface Part {
  layer: Layer;
  time: number;
  owners: Array<{ service: string; time: number }>;
}

/** The parts of a row's bar. Services come in the same order in every row. */
export function partsOf(row: RowLayers): Part[] {
  const place = new Map((row.names ?? []).map((name, i) => [name, i]));
  const order = (service: string) => place.get(service) ?? Infinity;
  return LAYERS.map((layer) => {
    const time = timeOf(row, layer);
    const owners = (row.services ?? [])
      .map((s) => ({ service: s.service, time: ownedTime(s, layer) }))
      .filter((o) => o.time > 0)
      .sort((a, b) => order(a.service) - order(b.service));
    const rest = time - owners.reduce((sum, o) => sum + o.time, 0);
    return { layer, time, owners: rest > 0 ? [...owners, { service: '', time: rest }] : owners };
  }).filter((part) => part.time > 0);
}

/** What a service holds of a layer. */
const ownedTime = (s: NonNullable<RowLayers['services']>[number], layer: Layer): number =>
  layer === Layer.Code ? s.code : layer === Layer.Kernel ? s.kernel : layer === Layer.Waiting ? (s.waiting ?? 0) : 0;

export { Layer, LAYER_NAMES, LAYERS };
