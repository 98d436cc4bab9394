// Everything by keyboard, and what a screen reader says meanwhile.
/* global getComputedStyle, innerWidth, innerHeight */
import assert from 'node:assert/strict';
import path from 'node:path';
import { ALSO_LIVE, answered, drawer, flame, openFirst, region, selectSpan, spoken, tab } from '../dashboard.mjs';
import { openShape } from '../shapes.mjs';

// The selected span's id and what is spoken, as the page has them right after a key.
const readSelected = () => ({
    id: [...document.querySelectorAll('[aria-label="Details of the selected span"] dl')].map((dl) => {
      const terms = [...dl.querySelectorAll('dt')];
      return terms.find((t) => t.textContent === 'id')?.nextElementSibling?.textContent;
    }).find(Boolean),
    said: document.querySelector('[role=region][aria-label=Trace] > [aria-live=polite]')?.textContent ?? '',
  });
const selected = (page) => page.evaluate(readSelected);

/** The keys that lead through the tree in pre-order, and the span that each selects. */
function walk(spans) {
  const children = spans.map(() => []);
  spans.forEach((s, i) => s.parentIdx >= 0 && children[s.parentIdx].push(i));
  const path = [];
  const visit = (i) => {
    children[i].forEach((child, k) => {
      path.push({ key: k === 0 ? 'ArrowDown' : 'ArrowRight', span: spans[child] });
      visit(child);
    });
    if (children[i].length > 0) {
      path.push({ key: 'ArrowUp', span: spans[i] });
    }
  };
  visit(0);
  return path;
}

/**
 * Presses Tab from a control, the chosen view's tab at first, to where its region ends. `missed`: what can be used and was not
 * come to; `unseen`: stops without a sign of the focus, or out of sight; `trapped`: the region does not end.
 */
async function throughRegion(page, from = region(page).getByRole('tab', { selected: true }), area = region(page)) {
  await from.focus();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Tab'); // so that the browser takes the focus for the keyboard's
  await page.evaluate(() => (window.reached = new Set()));
  const unseen = [];
  const name = await area.getAttribute('aria-label');
  const most = 60 + (await area.locator('button,input,select,a[href],[tabindex]').count());
  let inside = true;
  for (let k = 0; inside && k < most; k++) {
    const stop = await page.evaluate((name) => {
      const e = document.activeElement;
      const panel = document.querySelector(`[role=region][aria-label="${name}"]`);
      if (!panel.contains(e)) {
        return null;
      }
      window.reached.add(e);
      const signs = (s) => (s.outlineStyle !== 'none' && s.outlineWidth !== '0px') || s.boxShadow !== 'none';
      const { left, top, width, height } = e.getBoundingClientRect();
      const at = document.elementFromPoint(left + Math.min(width, innerWidth - left, 10) / 2, top + Math.min(height, innerHeight - top) / 2); // words may be cut
      return { words: e.outerHTML.slice(0, 120), signed: signs(getComputedStyle(e)) || signs(getComputedStyle(e.parentElement)), there: at !== null && (e.contains(at) || at.contains(e)) };
    }, name);
    inside = stop !== null;
    if (stop && !(stop.signed && stop.there)) {
      unseen.push(`${stop.signed ? 'out of sight' : 'no sign'}: ${stop.words}`);
    }
    await page.keyboard.press('Tab');
  }
  const missed = await area.evaluate((panel) =>
    [...panel.querySelectorAll('button,input,select,a[href],canvas,[tabindex]')]
      .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.disabled && !window.reached.has(e) && !e.closest('[role=treegrid],[role=grid],[role=tablist]'))
      .map((e) => e.outerHTML.slice(0, 120))
  );
  return { missed, unseen, trapped: inside };
}

const LAYER = { APP: 'code', SYS: 'system calls', NET: 'packets' };

/** What must be spoken of a span: layer, name, duration, link. */
function assertSpoken(said, span) {
  assert.ok(said.startsWith(`${LAYER[span.source]} span `), `layer of ${span.source} ${span.name}: ${said}`);
  const name = span.source === 'APP' ? span.name : span.source === 'SYS' ? span.client || span.server : span.point;
  assert.ok(said.includes(name) || said.includes(span.server), `name ${name}: ${said}`);
  assert.match(said, /, \d[\d.]* (ns|µs|ms|s), own \d[\d.]* (ns|µs|ms|s)/, 'durations');
  assert.ok(said.endsWith(span.parentIdx < 0 ? 'entry of the trace' : `parent ${span.confidence}`), `link ${span.confidence}: ${said}`);
}

export default function (flow) {
  flow('arrow keys walk all spans, and each is spoken', async (page) => {
    await openFirst(page);
    const spans = await answered(page);
    await flame(page).focus();
    // A row click has selected a span: up to the root first.
    for (let k = 0; k < 60; k++) {
      await page.keyboard.press('ArrowUp');
    }
    assert.equal((await selected(page)).id, spans[0].id, 'up ends at the root');
    // The page keeps what is selected and spoken after each key, as its user has it then.
    await page.evaluate((read) => {
      const selected = new Function(`return (${read})`)();
      window.afterKeys = [];
      document.addEventListener('keyup', () => window.afterKeys.push(selected()));
    }, `${readSelected}`);
    const path = walk(spans);
    for (const { key } of path) {
      await page.keyboard.press(key);
    }
    const after = await page.evaluate(() => window.afterKeys);
    assert.equal(after.length, path.length);
    assert.deepEqual(
      after.map((a) => a.id),
      path.map((p) => p.span.id),
      'each key goes where the tree says'
    );
    path.forEach(({ span }, k) => assertSpoken(after[k].said, span));
    const arrivals = path.filter(({ key }) => key !== 'ArrowUp').map(({ span }) => span.id);
    assert.deepEqual([spans[0].id, ...arrivals], spans.map((s) => s.id), 'every span once, in the order of the tree');
  }, ALSO_LIVE);

  flow('the waterfall is walked row by row', async (page) => {
    await openFirst(page);
    const spans = await answered(page);
    await tab(page, 'Waterfall').click();
    const box = page.getByLabel('Spans, arrow keys move');
    await box.focus();
    await page.keyboard.press('Home');
    const grid = page.getByRole('treegrid', { name: 'Spans' });
    const rows = Number(await grid.getAttribute('aria-rowcount')) - 1;
    const seen = new Set();
    for (let k = 0; k < rows; k++) {
      const { id, said } = await selected(page);
      assert.ok(!seen.has(id), `row ${k} is a new one`);
      assertSpoken(said, spans.find((s) => s.id === id));
      seen.add(id);
      await page.keyboard.press('ArrowDown');
    }
    assert.equal(seen.size, rows);
    await grid.locator('tr[aria-selected=true]').waitFor(); // the rows follow the scrolling
    assert.equal(await grid.locator('tr[aria-selected=true]').count(), 1);
    await page.keyboard.press('End');
    await page.keyboard.press('Home');
    assert.equal((await selected(page)).id, spans[0].id);
  }, { on: ['fixture'] });

  flow('every control is reached by Tab, and its focus is seen', async (page) => {
    await openFirst(page);
    await tab(page, 'Flame').focus();
    const missed = await region(page).evaluate((root) => {
      const controls = [...root.querySelectorAll('button,input,select,a[href],canvas,[tabindex]')].filter((e) => e.checkVisibility());
      return controls.filter((e) => e.tabIndex < 0 && !e.closest('[role=treegrid],[role=tablist]')).map((e) => e.outerHTML.slice(0, 120));
    });
    assert.deepEqual(missed, []);
    for (const [what, control] of [
      ['the graph', flame(page)],
      ['the chosen tab', tab(page, 'Flame')],
      ['the menu', region(page).getByRole('button', { name: /^View/ })],
    ]) {
      await control.focus();
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.press('Tab'); // so that the browser takes it for the keyboard's
      const style = await control.evaluate((e) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(e);
        return { outlineStyle, outlineWidth, boxShadow, focused: document.activeElement === e };
      });
      assert.ok(style.focused, `${what} has the focus: ${JSON.stringify(style)}`);
      assert.ok((style.outlineStyle !== 'none' && style.outlineWidth !== '0px') || style.boxShadow !== 'none', `the focus of ${what} is seen: ${JSON.stringify(style)}`);
    }
  });

  flow('Tab goes through every view and out of it, and each stop is seen', async (page) => {
    await openFirst(page);
    await drawer(page).waitFor();
    for (const name of await region(page).getByRole('tab').allInnerTexts()) {
      await tab(page, name).click();
      await region(page).getByRole('tab', { name, selected: true }).waitFor();
      await page.waitForLoadState('networkidle'); // what comes later is in the page
      assert.deepEqual(await throughRegion(page), { missed: [], unseen: [], trapped: false }, name);
    }
  });

  flow('Tab goes through the list, and through the panel with a sheet, a find, a marked time, an opened file', async (page) => {
    const through = async (what, ...of) => assert.deepEqual(await throughRegion(page, ...of), { missed: [], unseen: [], trapped: false }, what);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await openShape(page, 'retry');
    const list = page.getByRole('region', { name: 'List of requests' });
    await list.locator('[data-trace]').first().waitFor();
    await page.waitForLoadState('networkidle');
    await through('the list', list.getByRole('button').first(), list);
    await page.getByLabel('Find spans').fill('error');
    await region(page).locator('.tl-find').getByRole('button', { name: 'Which attributes differ' }).focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('differs').first().waitFor();
    await through('which attributes differ');
    await page.keyboard.press('Escape');
    await page.getByLabel('Find spans').fill('');
    await selectSpan(page, (await answered(page)).find((s) => s.name === 'POST').id);
    await flame(page).press('m');
    await region(page).getByTestId('range').waitFor();
    await through('a marked time and the details');
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), region(page).getByRole('button', { name: /^Export/ }).click().then(() => page.getByRole('button', { name: 'Open a file…' }).click())]);
    await chooser.setFiles(path.resolve(import.meta.dirname, '../../../pkg/saved/testdata/opentracing.jaeger.json'));
    const banner = page.getByRole('group', { name: 'Opened file' });
    await flame(page).waitFor();
    await through('an opened file', banner.getByRole('combobox').or(banner.getByRole('button')).first());
  });

  flow('Tab goes round in each menu, Esc closes it, and the focus is where it was', async (page) => {
    await openFirst(page);
    const menus = [/^View/, /^Export/, /parts/];
    for (const size of [1400, 320]) {
      await page.addStyleTag({ content: `div:has(> [role=region][aria-label=Trace]){width:${size}px!important}` });
      await page.waitForFunction((w) => document.querySelector('[role=region][aria-label=Trace]').clientWidth === w, size);
      for (const name of size === 320 ? ['More actions', /parts/] : menus) {
        const button = region(page).getByRole('button', { name });
        await button.focus();
        await page.keyboard.press('Enter');
        const menu = page.getByRole('dialog');
        await menu.waitFor();
        const stops = await menu.locator('button:not(:disabled),input:not([hidden],[type=radio]:not(:checked)),select').count();
        const seen = new Set();
        for (let k = 0; k < stops; k++) {
          const stop = await page.evaluate(() => ({ at: [...document.querySelectorAll('[role=dialog] *')].indexOf(document.activeElement), words: document.activeElement.outerHTML.slice(0, 200) }));
          assert.ok(stop.at >= 0, `${name}, after ${k} of ${stops} keys: ${stop.words}`);
          seen.add(stop.at);
          await page.keyboard.press('Tab');
        }
        assert.equal(seen.size, stops, `stops of ${name}`);
        await page.keyboard.press('Escape');
        await menu.waitFor({ state: 'detached' });
        assert.ok(await button.evaluate((e) => e === document.activeElement), `${name} has the focus again`);
      }
    }
  });

  flow('keys zoom, focus, fold, find and go back', async (page) => {
    await openFirst(page);
    await flame(page).focus();
    await page.keyboard.press('f');
    await page.getByText('Focus', { exact: true }).waitFor();
    await page.keyboard.press('Escape'); // the selection
    await drawer(page).waitFor({ state: 'detached' });
    await page.keyboard.press('Escape'); // the focus
    await page.getByText('Focus', { exact: true }).waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.getByRole('note', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('note', { name: 'Keys' }).waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.type('inferred');
    await region(page).getByText('2 of 100').waitFor(); // Enter before that is lost: a known weakness
    await page.keyboard.press('Enter');
    await drawer(page).getByTestId('link').filter({ hasText: 'inferred' }).waitFor();
    assert.match(await spoken(page).innerText(), /parent inferred$/);
    await page.keyboard.press('Escape');
    assert.equal(await page.getByLabel('Find spans').inputValue(), '');
    await flame(page).focus();
    await page.keyboard.press('h');
    await page.getByRole('img', { name: 'Calls between pods' }).waitFor();
  });
}
