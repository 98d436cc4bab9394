// The bars of the graph, which is a canvas: found by what the pointer is told of them.
import { flame } from './dashboard.mjs';

/** A place on the graph, by its share of the width. */
export async function place(page, share, y) {
  const box = await flame(page).boundingBox();
  return [box.x + box.width * share, box.y + y];
}

/** What the tooltip says at a place of the graph, '' for nothing. */
export async function under(page, share, y) {
  const [x, top] = await place(page, share, y);
  await page.mouse.move(x - 3, top);
  await page.mouse.move(x, top);
  const tip = page.getByRole('tooltip').locator('h4');
  const words = (await tip.count()) > 0 ? await tip.innerText() : '';
  return /holds the time/.test(words) ? '' : words;
}

/** Bars of the graph along a vertical line: [y, words], from the top. */
export async function barsAt(page, share, last = 420) {
  const found = [];
  for (let y = 80; y < last; y += 4) {
    const words = await under(page, share, y);
    if (words && found.at(-1)?.[1] !== words) {
      found.push([y, words]);
    }
  }
  return found;
}
