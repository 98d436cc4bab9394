import React, { lazy, Suspense, type ComponentType } from 'react';
import { initPluginTranslations } from '@grafana/i18n';

// Once for all editors. A language without texts shows English.
let ready: Promise<unknown> | undefined;

const texts = async (language: string): Promise<Record<string, string>> =>
  language === 'de-DE' ? (await import('./locales/de-DE/throughline-datasource.json')).default as unknown as Record<string, string> : {};

export const loadTranslations = () => (ready ??= initPluginTranslations('throughline-datasource', [texts]));

/** An editor that is loaded when it is shown, after the texts of the user's language. */
export function translated<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  const Editor = lazy(async () => {
    const [component] = await Promise.all([load(), loadTranslations()]);
    return { default: component };
  });
  const Translated = (props: P) => (
    <Suspense fallback={null}>
      <Editor {...(props as P & React.JSX.IntrinsicAttributes)} />
    </Suspense>
  );
  return Translated;
}
