import { useEffect, useState } from 'react';

/** Whether the browser has shown what was drawn first: what else there is, as details, comes after the picture. */
export function usePictured(): boolean {
  const [pictured, setPictured] = useState(false);
  useEffect(() => {
    let turn: ReturnType<typeof setTimeout>;
    const frame = requestAnimationFrame(() => (turn = setTimeout(() => setPictured(true)))); // behind the frame, not in it
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(turn);
    };
  }, []);
  return pictured;
}
