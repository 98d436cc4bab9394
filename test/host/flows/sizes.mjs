// A panel of any size: nothing is cut, everything is reached, and the graph can be used.
import assert from 'node:assert/strict';
import { drawer, flame, openFirst, region, tab } from '../dashboard.mjs';

// Pixels of the panel, and how many of its height the graph has at least.
const SIZES = [
  [320, 200, 110],
  [400, 300, 200],
  [600, 400, 300],
  [866, 500, 300],
  [1250, 700, 450],
];

const ACTIONS = ['Find spans', 'APP', '+ SYS', 'All', 'View', 'Export', 'Folded', 'Strands', 'Rows', 'Critical', 'Back', 'Forward', 'Drag zooms', 'Flame and waterfall together', 'Zoom out', 'Zoom in', 'Fit', 'Keys'];
const VIEWS = ['Flame', 'Waterfall', 'Services', 'Hop path', 'Requests', 'Compare', 'JSON'];

/** Makes the panel so large, wherever it is on the page. */
async function resize(page, width, height) {
  await page.evaluate(
    ([w, h]) => {
      const sheet = document.getElementById('panel-size') ?? document.head.appendChild(Object.assign(document.createElement('style'), { id: 'panel-size' }));
      sheet.textContent = `div:has(> [role=region][aria-label=Trace]){width:${w}px!important;height:${h}px!important}`;
    },
    [width, height]
  );
  await page.waitForFunction((w) => document.querySelector('[role=region][aria-label=Trace]').clientWidth === w, width);
  await region(page).scrollIntoViewIfNeeded();
  await twoFrames(page);
}

/** What is measured by an observer is drawn a frame later. */
const twoFrames = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

/** Where the focus is: what a screen reader calls it, and whether in the toolbar or in a menu. */
const focused = (page) =>
  page.evaluate(() => {
    const e = document.activeElement;
    const words = e.getAttribute('aria-label') ?? e.textContent;
    return { name: words.replace(/ ▾$/, '').trim(), inBar: e.closest('.tl-bar') !== null, inMenu: e.closest('[role=dialog]') !== null };
  });

/** The names of all that Tab comes to, from what has the focus to where `inside` ends. */
async function tabbedThrough(page, inside) {
  const names = [];
  for (let at = await focused(page); inside(at) && !names.includes(at.name) && names.length < 40; at = await focused(page)) {
    names.push(at.name);
    await page.keyboard.press('Tab');
  }
  return names;
}

/** Right and left edges of what leaves the panel, or is cut by it. */
const leaving = (page) =>
  region(page).evaluate((panel) => {
    const box = panel.getBoundingClientRect();
    const wide = panel.scrollWidth > panel.clientWidth ? [`the panel, ${panel.scrollWidth} of ${panel.clientWidth} px`] : [];
    const cut = [...panel.querySelectorAll('.tl-bar :is(button,input)')].filter((e) => e.checkVisibility()).filter((e) => {
      const { left, right, top, bottom } = e.getBoundingClientRect();
      return left < box.left || right > box.right || top < box.top || bottom > box.bottom || e.scrollWidth > e.clientWidth + (e.tagName === 'INPUT' ? Infinity : 1);
    });
    return [...wide, ...cut.map((e) => e.getAttribute('aria-label') ?? e.textContent)];
  });

/** Different bars that the pointer finds along a line down the graph: [y, words]. */
async function barsDown(page) {
  const box = await flame(page).boundingBox();
  const found = [];
  for (let y = 4; y < box.height - 4; y += 4) {
    await page.mouse.move(box.x + box.width * 0.62, box.y + y);
    const words = await page.getByRole('tooltip').locator('h4').allInnerTexts();
    if (words[0] && !/holds the time/.test(words[0]) && found.at(-1)?.[1] !== words[0]) {
      found.push([box.y + y, words[0]]);
    }
  }
  return found;
}

export default function (flow) {
  for (const [width, height, graph] of SIZES) {
    flow(`sizes: at ${width} × ${height} nothing is cut, all is reached by keyboard, and bars can be pressed`, async (page) => {
      await openFirst(page);
      await page.getByRole('button', { name: 'Close', exact: true }).click(); // the details of the span that the row selected
      await resize(page, width, height);
      await flame(page).focus();
      for (const key of ['w', '0', '[']) {
        await page.keyboard.press(key); // so that there is a view before and one after
      }
      assert.deepEqual(await leaving(page), []);
      const bar = await region(page).locator('.tl-bar').boundingBox();
      assert.ok(bar.height <= 42, `the toolbar is one line, ${bar.height} px high`);
      const { height: high } = await flame(page).boundingBox();
      assert.ok(high >= graph, `the graph is ${high} px high`);

      await tab(page, 'Flame').focus();
      const views = [];
      for (let k = 0; k < VIEWS.length; k++) {
        views.push((await focused(page)).name);
        await page.keyboard.press('ArrowRight');
        await twoFrames(page);
        assert.deepEqual(await leaving(page), [], `of ${views.at(-1)}`);
      }
      assert.deepEqual(views, VIEWS);
      await page.keyboard.press('Tab');
      const reached = await tabbedThrough(page, (at) => at.inBar);
      if (reached.includes('More actions')) {
        await region(page).getByRole('button', { name: 'More actions' }).focus();
        await page.keyboard.press('Enter');
        await page.getByRole('dialog', { name: 'More actions' }).waitFor();
        reached.push(...(await tabbedThrough(page, (at) => at.inMenu)));
        await page.keyboard.press('Escape');
        assert.equal((await focused(page)).name, 'More actions', 'the focus returns');
      }
      assert.deepEqual([...ACTIONS, ...VIEWS.slice(1)].filter((name) => !reached.includes(name) && !(VIEWS.includes(name) && views.includes(name))), []);

      await flame(page).press('0');
      const bars = await barsDown(page);
      assert.ok(bars.length >= 3, `bars: ${bars.map(([, words]) => words)}`);
      const [y, words] = bars.at(-1);
      const { x, width: wide } = await flame(page).boundingBox();
      await page.mouse.click(x + wide * 0.62, y);
      await drawer(page).locator('h4').filter({ hasText: words.replace(/^[AS]\s*/, '') }).waitFor();
      await drawer(page).getByRole('button', { name: 'Close', exact: true }).click();
      await drawer(page).waitFor({ state: 'detached' });
    });
  }

  flow('sizes: who has the focus keeps it when its button moves into the menu, and out of it', async (page) => {
    await openFirst(page);
    const fit = region(page).getByRole('button', { name: 'Fit', exact: true });
    await fit.focus();
    await resize(page, 320, 300);
    await fit.waitFor({ state: 'detached' });
    assert.deepEqual(await focused(page), { name: 'More actions', inBar: true, inMenu: false });
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Fit', exact: true }).focus();
    await resize(page, 1400, 700);
    await fit.waitFor();
    assert.deepEqual(await focused(page), { name: 'Fit', inBar: true, inMenu: false });
  });

  flow('sizes: a menu whose button has moved opens from the menu that it is in now', async (page) => {
    await openFirst(page);
    await resize(page, 320, 300);
    const more = region(page).getByRole('button', { name: 'More actions' });
    await more.click();
    await page.getByRole('dialog').getByRole('button', { name: 'View', exact: true }).click();
    await page.getByRole('dialog', { name: 'Colour, filters and folding' }).getByLabel('Colour by').waitFor();
    await page.keyboard.press('Escape');
    assert.equal((await focused(page)).name, 'More actions');
    await more.click();
    await page.getByRole('dialog').getByRole('button', { name: 'JSON', exact: true }).click();
    await page.getByLabel('The trace as JSON').waitFor();
    assert.equal(await tab(page, 'JSON').getAttribute('aria-selected'), 'true');
  });
}
