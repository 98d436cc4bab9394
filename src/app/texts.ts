import { loadResources } from '@grafana/scenes';
import { loadTranslations, texts } from '../language/translated';

/** Loads the pages' texts in the user's language, and those of the scenes that are bundled with them. */
export const loadTexts = () => loadTranslations('throughline-app', texts({ 'de-DE': () => import('../locales/de-DE/throughline-app.json') }), loadResources);
