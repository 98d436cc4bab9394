// What a tour is made of: stations, each told on the page in both themes and with a picture.
/* global atob, btoa, createImageBitmap, Blob, OffscreenCanvas, Buffer */
import fs from 'node:fs';
import path from 'node:path';
import { options, region, site } from './dashboard.mjs';

/** What was said at each station, by the name of its picture. */
export const stations = new Map();

/** A station of a tour: what to do, what the screen said, and its picture. */
export async function station(page, name, { title, how, says }, height = 520) {
  await page.mouse.move(0, 0);
  const box = await region(page).boundingBox();
  const clip = { x: box.x, y: box.y, width: box.width, height: Math.min(box.height, height) };
  await webp(page, await page.screenshot({ clip }), `tour-${name}${site.theme === 'light' ? '-light' : ''}`);
  if (site.theme !== 'light') {
    stations.set(name, { title, how, says });
  }
}

/** Saves a screenshot small: WebP, made by the browser. */
async function webp(page, png, name) {
  const base64 = await page.evaluate(async (data) => {
    const image = await createImageBitmap(new Blob([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(image.width, image.height);
    canvas.getContext('2d').drawImage(image, 0, 0);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/webp', quality: 0.85 })).arrayBuffer());
    return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ''));
  }, png.toString('base64'));
  const folder = options.docs ? path.join(options.docs, 'img') : options.out;
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, `${name}.webp`), Buffer.from(base64, 'base64'));
}

const themes = options.docs ? ['dark', 'light'] : ['dark'];

/** Adds a flow of a tour: once for each theme that has pictures. */
export const inThemes = (add) => (name, run, settings) =>
  themes.forEach((theme) =>
    add(
      theme === 'dark' ? name : `${name}, ${theme}`,
      async (page) => {
        site.theme = theme;
        try {
          await run(page);
        } finally {
          site.theme = undefined;
        }
      },
      settings
    )
  );

/** A station as the documentation tells it. */
export const told = (name, { title, how, says }) =>
  `### ${title}\n\n${how}\n\n> ${says}\n\n<picture><source media="(prefers-color-scheme: light)" srcset="img/tour-${name}-light.webp"><img alt="${title.replaceAll('`', '')}" src="img/tour-${name}.webp"></picture>\n`;
