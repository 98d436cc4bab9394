import { useSyncExternalStore } from 'react';
import { onPixelRatio, pixelRatio } from '../canvas/pixelRatio';

/** Pixels of the device per pixel of the page, as they are now. */
export const usePixelRatio = (): number => useSyncExternalStore(onPixelRatio, pixelRatio, pixelRatio);
