// Pictures for the documentation, in both themes.
import fs from 'node:fs';
import path from 'node:path';
import { counts, flame, home, openFirst, options, picture, region, rows, tab } from '../dashboard.mjs';

export default function (flow) {
  flow('the picture', async (page) => {
    await page.setViewportSize({ width: 1440, height: 1330 }); // both panels whole
    await openFirst(page);
    await counts(page).filter({ hasText: options.expect }).waitFor();
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: path.join(options.out, 'dashboard.png') });
    if (options.screenshot) {
      fs.mkdirSync(path.dirname(options.screenshot), { recursive: true });
      await page.screenshot({ path: options.screenshot });
      console.log(`  ${options.screenshot}`);
    }
  });

  flow('the light theme', async (page) => {
    await page.goto(home('&theme=light'));
    await rows(page).first().locator('a').first().click();
    await flame(page).waitFor();
    await counts(page).filter({ hasText: options.expect }).waitFor();
    await picture(page, 'flame-graph-light', region(page));
    await tab(page, 'Waterfall').click();
    await picture(page, 'waterfall-light', region(page));
  });
}
