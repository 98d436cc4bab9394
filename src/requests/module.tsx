import { FieldConfigProperty, PanelPlugin } from '@grafana/data';
import { SCALES } from './barScale';
import { RequestsPanel, type RequestsOptions } from './RequestsPanel';

export const plugin = new PanelPlugin<RequestsOptions>(RequestsPanel)
  .setNoPadding()
  // Of the options of fields a list needs the links: they say where a row leads.
  .useFieldConfig({
    disableStandardOptions: Object.values(FieldConfigProperty).filter((p) => p !== FieldConfigProperty.Links),
  })
  .setPanelOptions((builder) =>
    builder.addRadio({
      path: 'scale',
      name: 'Length of the bars',
      description: 'Equal: every bar fills its column, to compare how the time is split',
      defaultValue: 'log',
      settings: { options: SCALES.map(({ value, label }) => ({ value, label })) },
    })
  );
