// The details of a span: a sheet over the graph. Opening it moves nothing, and it never covers
// what was pressed.
import assert from 'node:assert/strict';
import { barsAt, place, under } from '../bars.mjs';
import { drawer, flame, openFirst, region, tab } from '../dashboard.mjs';

const edge = (page) => drawer(page).getByRole('separator');
const value = async (page) => Number(await edge(page).getAttribute('aria-valuenow'));

async function openClosed(page) {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await openFirst(page);
  await drawer(page).getByRole('button', { name: 'Close' }).click();
  await drawer(page).waitFor({ state: 'detached' });
}

/** Whether a bar of these words is found at a height of the graph, where the sheet does not lie. */
async function seen(page, y, words) {
  const sheet = await drawer(page).boundingBox();
  for (let share = 0.005; share < 1; share += 0.015) {
    const [x, top] = await place(page, share, y);
    const covered = x >= sheet.x - 4 && x <= sheet.x + sheet.width + 4 && top >= sheet.y - 4 && top <= sheet.y + sheet.height + 4;
    if (!covered && (await under(page, share, y)) === words) {
      return true;
    }
  }
  return false;
}

export default function (flow) {
  flow('details: opening them moves no bar, and what was clicked stays in sight', async (page) => {
    await openClosed(page);
    const before = await flame(page).boundingBox();
    const sides = new Set();
    for (const share of [0.2, 0.62, 0.9]) {
      const bars = await barsAt(page, share);
      for (const [y, words] of [bars[0], bars.at(-1)]) {
        await page.mouse.click(...(await place(page, share, y)));
        await drawer(page).waitFor();
        assert.deepEqual(await flame(page).boundingBox(), before, 'the graph is where it was, and as wide');
        assert.ok(await seen(page, y, words), `${words}, clicked at ${share}, is in sight`);
        sides.add(await drawer(page).getAttribute('data-side'));
        await page.keyboard.press('Escape');
        await drawer(page).waitFor({ state: 'detached' });
        assert.equal(await under(page, share, y), words, 'the bar is where it was');
      }
    }
    assert.deepEqual([...sides].sort(), ['end', 'start'], 'at the other side of what they would cover');
  });

  flow('details: in the waterfall the time axis stays, too', async (page) => {
    await openClosed(page);
    await tab(page, 'Waterfall').click();
    const axis = () => page.locator('.tl-ticks').first().boundingBox();
    const before = await axis();
    await page.getByRole('treegrid', { name: 'Spans' }).locator('tbody tr[aria-selected]').nth(4).click();
    await drawer(page).waitFor();
    assert.deepEqual(await axis(), before);
  });

  flow('details: their edge is dragged, or moved by keys, and the browser remembers', async (page) => {
    await openFirst(page);
    await drawer(page).waitFor();
    const graph = await flame(page).boundingBox();
    assert.equal(await value(page), 384);
    await edge(page).focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    assert.equal(await value(page), 432);
    assert.equal((await drawer(page).boundingBox()).width, 432);
    await page.keyboard.press('ArrowRight');
    assert.equal(await value(page), 408);
    const { x, y, width, height } = await edge(page).boundingBox();
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width / 2 - 100, y + height / 2, { steps: 4 });
    await page.mouse.up();
    assert.equal(await value(page), 508);
    await page.reload();
    await drawer(page).waitFor();
    assert.equal(await value(page), 508, 'after the page was loaded anew');
    await edge(page).focus();
    await page.keyboard.press('Home');
    assert.equal(await value(page), Number(await edge(page).getAttribute('aria-valuemin')));
    await page.keyboard.press('End');
    assert.equal(await value(page), Number(await edge(page).getAttribute('aria-valuemax')));
    assert.ok((await drawer(page).boundingBox()).width < graph.width - 100, 'never all of the graph');
    await edge(page).dblclick();
    assert.equal(await value(page), 384);
    assert.equal((await flame(page).boundingBox()).width, graph.width);
  });

  flow('details: in a narrow panel they are a sheet at the bottom, at the top where it would cover the bar', async (page) => {
    await page.setViewportSize({ width: 560, height: 900 });
    await openClosed(page);
    await flame(page).scrollIntoViewIfNeeded();
    const before = await flame(page).boundingBox();
    const bars = [];
    for (const share of [0.3, 0.62, 0.86]) {
      bars.push(...(await barsAt(page, share, before.height - 8)).map(([y, words]) => ({ share, y, words })));
    }
    bars.sort((a, b) => a.y - b.y);
    for (const [{ share, y, words }, side] of [[bars[0], 'end'], [bars.at(-1), 'start']]) {
      await page.mouse.click(...(await place(page, share, y)));
      await drawer(page).waitFor();
      assert.equal(await edge(page).getAttribute('aria-orientation'), 'horizontal');
      const sheet = await drawer(page).boundingBox();
      assert.ok(sheet.width > before.width - 4 && sheet.height < before.height, JSON.stringify(sheet));
      assert.equal(await drawer(page).getAttribute('data-side'), side, `${words} at ${y} of ${before.height}`);
      assert.deepEqual(await flame(page).boundingBox(), before);
      await page.keyboard.press('Escape');
      await drawer(page).waitFor({ state: 'detached' });
    }
    assert.ok(await region(page).isVisible());
  });
}
