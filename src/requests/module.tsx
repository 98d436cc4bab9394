import { FieldConfigProperty, PanelPlugin } from '@grafana/data';
import { t } from '../language/t';
import { loadTranslations, texts, translated } from '../language/translated';
import { scales } from './barScale';
import { id } from './plugin.json';
import { RequestsPanel, type RequestsOptions } from './RequestsPanel';

void loadTranslations(id, texts({ 'de-DE': () => import('./locales/de-DE/throughline-requests-panel.json') }));

export const plugin = new PanelPlugin<RequestsOptions>(translated(async () => RequestsPanel))
  .setNoPadding()
  // Of the options of fields a list needs the links: they say where a row leads.
  .useFieldConfig({
    disableStandardOptions: Object.values(FieldConfigProperty).filter((p) => p !== FieldConfigProperty.Links),
  })
  .setPanelOptions((builder) =>
    builder.addRadio({
      path: 'scale',
      name: t('list.length', 'Length of the bars'),
      description: t('list.length-help', 'Equal: every bar fills its column, to compare how the time is split'),
      defaultValue: 'log',
      settings: { options: scales().map(({ value, label }) => ({ value, label })) },
    })
  );
