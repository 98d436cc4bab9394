import React, { lazy, Suspense, type ComponentType } from 'react';
import { initPluginTranslations, type ResourceLoader } from '@grafana/i18n';
import { forgetTexts } from './t';

/** Texts by language, each loaded when it is the user's. A language that is not there shows English. */
export const texts =
  (languages: Record<string, () => Promise<{ default: Awaited<ReturnType<ResourceLoader>> }>>): ResourceLoader =>
  async (language) =>
    Object.hasOwn(languages, language) ? (await languages[language]()).default : {};

// Once for each module that Grafana loads: each is of one plugin.
let ready: Promise<unknown> | undefined;

/**
 * Loads a plugin's texts in the user's language. To be called when its module is loaded, so that what Grafana asks
 * at once, as the names of options, has a language.
 */
export const loadTranslations = (plugin: string, ...loaders: ResourceLoader[]): Promise<unknown> => (ready ??= initPluginTranslations(plugin, loaders).then(forgetTexts));

/** A component that is shown when it and the texts of the user's language are loaded. */
export function translated<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  const Shown = lazy(async () => {
    const [component] = await Promise.all([load(), ready]);
    return { default: component };
  });
  const Translated = (props: P) => (
    <Suspense fallback={null}>
      <Shown {...(props as P & React.JSX.IntrinsicAttributes)} />
    </Suspense>
  );
  return Translated;
}
