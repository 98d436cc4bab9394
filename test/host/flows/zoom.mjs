// Where the graph is: double click, drag to zoom, the way back, minimap, low panels.
import assert from 'node:assert/strict';
import { barsAt, place, under } from '../bars.mjs';
import { answered, drawer, flame, openFirst, region, tab } from '../dashboard.mjs';

const MAP = 14; // middle of the minimap

/** Without motion each view is there at once. */
async function openStill(page) {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await openFirst(page);
}

/** What the axis says the view begins and ends with, by the time under the pointer's place. */
const ticks = async (page) => {
  await tab(page, 'Waterfall').click();
  const said = await page.locator('.tl-ticks span').allInnerTexts();
  await tab(page, 'Flame').click();
  return said.join(' ');
};

export default function (flow) {
  flow('zoom: a double click zooms to the bar under its first press, though the details open at it', async (page) => {
    await openStill(page);
    const found = await barsAt(page, 0.62);
    const processes = found.filter(([, words]) => /^[AS]\s/.test(words)).slice(0, 6);
    assert.equal(processes.length, 6, `bars to press: ${found.map(([, words]) => words)}`);
    for (const [y, words] of processes) {
      await page.mouse.dblclick(...(await place(page, 0.62, y)), { delay: 20 });
      await drawer(page).locator('h4').filter({ hasText: words.replace(/^[AS]\s*/, '') }).waitFor();
      // It is as wide as the view now.
      for (const share of [0.08, 0.6]) {
        assert.equal(await under(page, share, y), words, `at ${share} of the view`);
      }
      await page.keyboard.press('Escape');
      await drawer(page).waitFor({ state: 'detached' });
      await flame(page).press('0');
      assert.equal(await under(page, 0.62, y), words, 'the whole trace again');
    }
  });

  flow('zoom: a double click on a narrow bar zooms to it, though the details open at its first press', async (page) => {
    await openStill(page);
    const spans = await answered(page);
    const whole = spans[0].duration;
    const narrow = (s) => s.source !== 'NET' && s.duration > whole * 0.008 && s.duration < whole * 0.035 && s.offset > whole * 0.2;
    const shares = [...new Set(spans.filter(narrow).map((s) => ((s.offset + s.duration / 2) / whole).toFixed(3)))].map(Number);
    assert.ok(shares.length >= 4, `${shares.length} narrow bars`);
    await drawer(page).getByRole('button', { name: 'Close' }).click();
    await drawer(page).waitFor({ state: 'detached' });
    let pressed = 0;
    for (const share of shares.filter((_, k) => k % Math.floor(shares.length / 4) === 0)) {
      const [y, words] = (await barsAt(page, share)).filter(([, w]) => /^[AS]\s/.test(w)).at(-1) ?? [];
      if (!words || (await under(page, share + 0.025, y)) === words) {
        continue; // something wide lies over it
      }
      await page.mouse.dblclick(...(await place(page, share, y)), { delay: 20 });
      await drawer(page).locator('h4').filter({ hasText: words.replace(/^[AS]\s*/, '') }).waitFor();
      pressed++;
      await drawer(page).getByRole('button', { name: 'Close' }).click();
      await drawer(page).waitFor({ state: 'detached' });
      for (const part of [0.08, 0.6]) {
        assert.equal(await under(page, part, y), words, `it is as wide as the view: at ${part}`);
      }
      await flame(page).press('0');
      assert.equal(await under(page, share, y), words, 'the whole trace again');
    }
    assert.ok(pressed >= 2, `${pressed} narrow bars were pressed`);
  });

  flow('zoom: each zoom is a step back and forward, by key and by button', async (page) => {
    await openStill(page);
    const whole = await ticks(page);
    const back = region(page).getByRole('button', { name: 'Back', exact: true });
    const forward = region(page).getByRole('button', { name: 'Forward', exact: true });
    assert.equal(await back.isDisabled(), true);
    await flame(page).focus();
    for (let k = 0; k < 8; k++) {
      await page.keyboard.press('ArrowDown'); // the first ones are nearly as long as the trace
    }
    await page.keyboard.press('z');
    const zoomed = await ticks(page);
    await flame(page).focus();
    await page.keyboard.press('f');
    await region(page).getByRole('heading', { name: /In the subtree/ }).waitFor();
    await page.keyboard.press('[');
    await region(page).getByRole('heading', { name: /In the subtree/ }).waitFor({ state: 'detached' });
    assert.equal(await ticks(page), zoomed);
    await back.click();
    assert.equal(await ticks(page), whole);
    await forward.click();
    assert.equal(await ticks(page), zoomed);
    await flame(page).focus();
    await page.keyboard.press('Alt+ArrowRight');
    await region(page).getByRole('heading', { name: /In the subtree/ }).waitFor();
  });

  flow('zoom: a drag with Ctrl, or with the tool, zooms to what it spans', async (page) => {
    await openStill(page);
    const whole = await ticks(page);
    const drag = async (from, to, y = 300) => {
      await page.mouse.move(...(await place(page, from, y)));
      await page.mouse.down();
      await page.mouse.move(...(await place(page, (from + to) / 2, y)));
      await page.mouse.move(...(await place(page, to, y)));
      await page.mouse.up();
    };
    await page.keyboard.down('Control');
    await drag(0.25, 0.5);
    await page.keyboard.up('Control');
    const quarter = await ticks(page);
    assert.notEqual(quarter, whole);
    await region(page).getByRole('button', { name: 'Back', exact: true }).click();
    await region(page).getByRole('button', { name: 'Drag zooms' }).click();
    await drag(0.5, 0.25);
    assert.equal(await ticks(page), quarter, 'the same stretch, from right to left');
  });

  flow('zoom: a click on the minimap centres the view there', async (page) => {
    await openStill(page);
    await flame(page).focus();
    for (let k = 0; k < 4; k++) {
      await page.keyboard.press('w');
    }
    const middle = await ticks(page);
    await page.mouse.click(...(await place(page, 0.9, MAP)));
    const right = await ticks(page);
    await page.mouse.click(...(await place(page, 0.1, MAP)));
    assert.equal(new Set([middle, right, await ticks(page)]).size, 3);
    await region(page).getByRole('button', { name: 'Back', exact: true }).click();
    assert.equal(await ticks(page), right);
  });
}
