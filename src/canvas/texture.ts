// Fills that are no plain colour: stripes for kernel time, dashes for waiting, dots for time nobody saw. They
// are built at the device's pixel ratio, so that lines stay sharp.
import type { Palette } from './theme';

export class Textures {
  private readonly made = new Map<string, CanvasPattern | string>();

  constructor(
    private readonly ratio: number,
    private readonly palette: Palette
  ) {}

  stripes(ctx: CanvasRenderingContext2D, line: string, ground: string): CanvasPattern | string {
    return this.pattern(ctx, `s${line}${ground}`, 6, line, (g) => {
      g.fillStyle = ground;
      g.fillRect(0, 0, 6, 6);
      g.strokeStyle = line;
      g.lineWidth = 2.2;
      g.lineCap = 'square';
      g.beginPath();
      for (const d of [-6, 0, 6]) {
        g.moveTo(d, 6);
        g.lineTo(d + 6, 0);
      }
      g.stroke();
    });
  }

  dashes(ctx: CanvasRenderingContext2D, line: string, ground: string): CanvasPattern | string {
    return this.pattern(ctx, `w${line}${ground}`, 8, line, (g) => {
      g.fillStyle = ground;
      g.fillRect(0, 0, 8, 8);
      g.fillStyle = line;
      g.fillRect(0, 1, 5, 1.5);
      g.fillRect(4, 5, 4, 1.5);
      g.fillRect(0, 5, 1, 1.5);
    });
  }

  dots(ctx: CanvasRenderingContext2D, ground: string): CanvasPattern | string {
    const dot = this.palette.doubt;
    return this.pattern(ctx, `d${dot}${ground}`, 5, dot, (g) => {
      g.fillStyle = ground;
      g.fillRect(0, 0, 5, 5);
      g.fillStyle = dot;
      g.fillRect(1, 1, 1.6, 1.6);
    });
  }

  private pattern(ctx: CanvasRenderingContext2D, key: string, size: number, fallback: string, paint: (g: CanvasRenderingContext2D) => void) {
    let fill = this.made.get(key);
    if (!fill) {
      const tile = document.createElement('canvas');
      tile.width = tile.height = Math.round(size * this.ratio);
      const g = tile.getContext('2d');
      if (g) {
        g.scale(tile.width / size, tile.height / size);
        paint(g);
      }
      const pattern = g && ctx.createPattern(tile, 'repeat');
      pattern?.setTransform(new DOMMatrix().scale(size / tile.width));
      fill = pattern ?? fallback;
      this.made.set(key, fill);
    }
    return fill;
  }
}
