// Whoever set Grafana to German reads German: the app's pages, the list, the trace and its details.
// The account of the time stays as the data source writes it.
import assert from 'node:assert/strict';
import { counts, home, options, rows, sentence, site, tab } from '../dashboard.mjs';

export default function (flow) {
  flow('German: the list, the trace, its views and its details', async (page) => {
    await page.goto(home('&lang=de-DE'));
    await rows(page).first().waitFor();
    await page.getByRole('group', { name: 'Länge der Balken' }).getByRole('button', { name: 'Gleich' }).waitFor();
    await page.getByRole('columnheader', { name: 'Wo die Zeit des Traces blieb' }).waitFor();
    await rows(page).first().locator('a').first().click();
    await counts(page).waitFor();
    assert.match(await sentence(page).innerText(), /^Größter Teil: .* of .*: /);
    await page.getByRole('combobox', { name: 'Spans suchen' }).fill('error');
    await page.getByRole('button', { name: 'Nur Treffer' }).waitFor();
    await page.getByRole('button', { name: 'Ansicht ▾' }).click();
    await page.getByRole('dialog', { name: 'Farbe, Filter und Faltung' }).getByText('Farbe nach').waitFor();
    await page.keyboard.press('Escape');
    await tab(page, 'Wasserfall').click();
    await page.getByRole('treegrid', { name: 'Spans' }).getByRole('row').nth(3).click();
    const details = page.getByLabel('Einzelheiten des gewählten Spans');
    await details.getByRole('heading', { name: 'Warum dieser Elternspan' }).waitFor();
    await details.getByRole('button', { name: 'Schließen' }).click();
    await tab(page, 'Dienste').click();
    await page.getByText(/^Gehaltene Zeiten überschneiden sich nicht und ergeben genau/).waitFor();
  });

  flow('German: the first page', async (page) => {
    await page.goto(`${site.url}/a/throughline-app?lang=de-DE&var-namespace=${options.namespace}`);
    await page.getByRole('region', { name: 'Was verbunden ist' }).getByText('Speicher', { exact: true }).waitFor();
    await page.getByTestId('heatmap').getByRole('img', { name: /^Heatmap der Dauern: [1-9]/ }).waitFor();
    await page.getByText('Datenquelle', { exact: true }).waitFor();
  });

  flow('German: a trace that is not there', async (page) => {
    await page.goto(home('&lang=de-DE&var-trace_id=00000000000000000000000000000001'));
    await page.getByRole('heading', { name: 'Keine Spans dieses Traces' }).waitFor();
  });
}
