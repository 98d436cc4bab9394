import * as React from 'react';

/** What load gives, or undefined until then; loaded anew when the key changes. Its error is thrown. */
export function useLoaded<T>(load: () => Promise<T>, key: string | undefined): T | undefined {
  const [state, set] = React.useState<{ key?: string; value?: T; error?: Error }>({});
  const latest = React.useRef(load);
  latest.current = load;
  React.useEffect(() => {
    let live = true;
    latest.current().then(
      (value) => live && set({ key, value }),
      (error) => live && set({ key, error })
    );
    return () => void (live = false);
  }, [key]);
  if (state.error) {
    throw state.error;
  }
  return state.key === key ? state.value : undefined;
}
