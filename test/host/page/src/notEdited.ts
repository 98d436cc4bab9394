/** A field option that a panel of this host knows and nobody can edit here. */
export const notEdited = {
  editor: () => null,
  override: () => null,
  process: (v: any) => v,
  settings: {},
  shouldApply: () => true,
};
