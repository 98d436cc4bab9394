// Pixels of the device per pixel of the page. It changes while the page is open: by the
// browser's zoom, or where the window is moved to another screen.

export const pixelRatio = (): number => window.devicePixelRatio || 1;

/** Gives a canvas the pixels of the device that it covers: a whole number of them, or each would be drawn a little wider or narrower. */
export function fitCanvas(canvas: HTMLCanvasElement, width: number, height: number, ratio: number): void {
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  canvas.style.width = `${canvas.width / ratio}px`;
  canvas.style.height = `${canvas.height / ratio}px`;
}

/** Calls back at each change; returns what ends it. */
export function onPixelRatio(changed: () => void): () => void {
  let end = () => {};
  const listen = () => {
    end();
    if (typeof matchMedia !== 'function') {
      return;
    }
    const query = matchMedia(`(resolution: ${pixelRatio()}dppx)`); // answers no once it is another
    const told = () => {
      listen();
      changed();
    };
    query.addEventListener?.('change', told);
    end = () => query.removeEventListener?.('change', told);
  };
  listen();
  return () => end();
}
