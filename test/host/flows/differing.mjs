// In which attributes chosen spans differ from others: of what was found, of alike spans, of a
// marked time.
import assert from 'node:assert/strict';
import { answered, drawer, flame, pressTool, region, selectSpan } from '../dashboard.mjs';
import { openShape } from '../shapes.mjs';

const sheet = (page) => page.getByRole('complementary', { name: 'Which attributes differ' });
const words = async (locator) => (await locator.innerText()).replace(/\s+/g, ' ').trim();
const differs = (page, key) => sheet(page).getByRole('region', { name: key, exact: true });

export default function (flow) {
  flow('attributes: what failed tries have, that the one that worked has not, is said at once', async (page) => {
    await openShape(page, 'retry');
    await page.getByLabel('Find spans').fill('error');
    const differ = region(page).locator('.tl-find').getByRole('button', { name: 'Which attributes differ' });
    await differ.waitFor(); // what was found is said, which takes room of its own
    const before = await flame(page).boundingBox();
    await differ.click();
    await sheet(page).getByText('2 spans found: error').waitFor();
    assert.match(await words(differs(page, 'http.response.status_code')), /503 .*100% 0% .*200 .*0% 100%/, 'the values, as shares of these and of others');
    assert.ok(!/url\.path|server\.address/.test(await words(sheet(page))), 'what they have alike is not said');
    assert.deepEqual(await flame(page).boundingBox(), before, 'it moves nothing');
    await differs(page, 'http.response.status_code').getByRole('button', { name: 'Colour' }).click();
    await region(page).getByRole('group', { name: 'Share by layer and http.response.status_code; press to filter' }).waitFor();
    // Nothing of the kind is left beside them: the slow half against the fast one.
    await sheet(page).getByRole('button', { name: 'Slow and fast' }).click();
    await sheet(page).getByText('1 slower', { exact: false }).waitFor();
    await page.keyboard.press('Escape');
    await sheet(page).waitFor({ state: 'detached' });
  });

  flow('attributes: the slow ones of many alike spans are compared with the fast ones', async (page) => {
    await openShape(page, 'fanout');
    const slowest = (await answered(page)).filter((s) => s.name === 'query shard' && s.kind.toUpperCase() === 'CLIENT').sort((a, b) => b.duration - a.duration)[0];
    await pressTool(page, 'Alike');
    await selectSpan(page, slowest.id);
    await drawer(page).getByTestId('alike').getByRole('button', { name: 'Which attributes differ' }).click();
    await sheet(page).getByText('30 spans alike').waitFor();
    assert.match(await words(sheet(page).locator('.tl-differs-legend')), /^15 slower 15 faster$/);
    await sheet(page).getByText(/No attribute differs by more than chance|shard\.id/).first().waitFor();
  });

  flow('attributes: those of a marked time are compared with the rest', async (page) => {
    await openShape(page, 'retry');
    await selectSpan(page, (await answered(page)).find((s) => s.name === 'POST').id);
    await flame(page).focus();
    await page.keyboard.press('m');
    await region(page).getByTestId('range').getByRole('button', { name: 'Which attributes differ' }).click();
    await sheet(page).getByText('2 spans in the marked time').waitFor(); // the first try and the root
    await sheet(page).getByRole('button', { name: 'Close' }).click();
    await drawer(page).waitFor(); // the details are there again
  });
}
