import i18next from 'i18next';
import { beforeAll, expect, it } from 'vitest';
import german from '../panel/locales/de-DE/throughline-panel.json';
import { t } from './t';
import { loadTranslations, texts } from './translated';

beforeAll(async () => {
  // Grafana's core does, with its own texts.
  await i18next.init({ lng: 'de-DE', fallbackLng: 'en-US', resources: { 'de-DE': { grafana: { save: 'Speichern' } } }, returnEmptyString: false });
  t('find.errors', 'Errors'); // asked too early: English
  await loadTranslations('throughline-panel', texts({ 'de-DE': async () => ({ default: german }) }));
});

it('has the texts of the user’s language once they are loaded, with what fills their holes', () => {
  expect(t('find.errors', 'Errors')).toBe('Fehler');
  expect(t('view.only-this', 'Only {{name}}', { name: 'cart' })).toBe('Nur cart');
  expect(t('no.such.key', 'English')).toBe('English');
});

it.each(['GET /a?b="c"&d', '<b>', '$t(find.errors)', '{{name}}'])('shows what fills a hole as it is: %s', (name) => {
  expect(t('view.only-this', 'Only {{name}}', { name })).toBe(`Nur ${name}`);
});
