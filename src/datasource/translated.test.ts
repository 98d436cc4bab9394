import i18next from 'i18next';
import { t } from '@grafana/i18n';
import { expect, it } from 'vitest';
import { loadTranslations } from './translated';

it('has the texts of the user’s language once they are loaded, with what fills their holes', async () => {
  // Grafana's core does, with its own texts.
  await i18next.init({ lng: 'de-DE', fallbackLng: 'en-US', resources: { 'de-DE': { grafana: { save: 'Speichern' } } }, returnEmptyString: false });
  await loadTranslations();
  expect(t('config.password.label', 'Password')).toBe('Passwort');
  expect(t('filter.condition', 'Condition {{number}}', { number: 2 })).toBe('Bedingung 2');
  expect(t('no.such.key', 'English')).toBe('English');
});
