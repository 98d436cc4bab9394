// Measuring text is the dearest thing on a canvas after drawing it, so widths are kept.

const widths = new Map<string, number>();
const MOST = 20_000;

export function textWidth(ctx: CanvasRenderingContext2D, text: string): number {
  const key = ctx.font + text;
  let width = widths.get(key);
  if (width === undefined) {
    if (widths.size >= MOST) {
      widths.clear();
    }
    widths.set(key, (width = ctx.measureText(text).width));
  }
  return width;
}

/** The text, cut with an ellipsis so that it fits; '' where not even two letters do. */
export function fitText(ctx: CanvasRenderingContext2D, text: string, room: number): string {
  if (room < 16) {
    return '';
  }
  if (textWidth(ctx, text) <= room) {
    return text;
  }
  let lo = 0;
  let hi = text.length;
  while (lo < hi) {
    const mid = (lo + hi + 1) >> 1;
    if (textWidth(ctx, `${text.slice(0, mid)}…`) <= room) {
      lo = mid;
    } else {
      hi = mid - 1;
    }
  }
  return lo > 1 ? `${text.slice(0, lo).trimEnd()}…` : '';
}

/** The first of the labels that fits whole, else the last one cut. */
export function fitLabel(ctx: CanvasRenderingContext2D, labels: readonly string[], room: number): string {
  return labels.find((label) => textWidth(ctx, label) <= room) ?? fitText(ctx, labels[labels.length - 1] ?? '', room);
}
