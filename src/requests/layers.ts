// Where the time of a row went, as the data source answers it (resource "layers").
import { Layer, LAYER_NAMES, LAYERS } from '../trace/model';

export interface LayersAnswer {
  rows: RowLayers[];
  notices: string[];
}

export interface RowLayers {
  duration: number; // ns, the sum of the layers
  layers: { code: number; kernel: number; network: number; not_seen: number };
  services?: Array<{ service: string; code: number; kernel: number }>;
  names?: string[];
  counts: { app: number; sys: number; net: number };
  trace: number; // ns, the whole trace
  sentence?: string;
  reason?: string;
  later?: boolean;
}

const KEYS = ['code', 'kernel', 'network', 'not_seen'] as const;

export const timeOf = (row: RowLayers, layer: Layer): number => row.layers[KEYS[layer]];

/** The share of a layer, 0 to 1; -1 where it is not known. */
export const shareOf = (row: RowLayers | undefined, layer: Layer): number =>
  !row || row.reason ? -1 : row.duration > 0 ? timeOf(row, layer) / row.duration : 0;

/** A piece of a bar: a layer, and the owner where time has one. */
export interface Piece {
  layer: Layer;
  service: string;
  time: number;
}

/** The pieces of a row's bar: layer by layer, services in the same order in every row. */
export function piecesOf(row: RowLayers): Piece[] {
  const place = new Map((row.names ?? []).map((name, i) => [name, i]));
  const order = (p: Piece) => place.get(p.service) ?? Infinity;
  const owned = (layer: Layer, time: (s: { code: number; kernel: number }) => number): Piece[] => {
    const pieces = (row.services ?? []).map((s) => ({ layer, service: s.service, time: time(s) })).filter((p) => p.time > 0);
    const rest = timeOf(row, layer) - pieces.reduce((sum, p) => sum + p.time, 0);
    return [...pieces.sort((a, b) => order(a) - order(b)), ...(rest > 0 ? [{ layer, service: '', time: rest }] : [])];
  };
  return [
    ...owned(Layer.Code, (s) => s.code),
    ...owned(Layer.Kernel, (s) => s.kernel),
    { layer: Layer.Network, service: '', time: timeOf(row, Layer.Network) },
    { layer: Layer.Unseen, service: '', time: timeOf(row, Layer.Unseen) },
  ].filter((p) => p.time > 0);
}

export { Layer, LAYER_NAMES, LAYERS };
