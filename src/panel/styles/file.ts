// A trace of a file: what says so, which of several, and where one is dropped.
export const FILE = `
.tl-file{display:flex;align-items:center;gap:10px;min-height:28px;padding:2px 10px;background:var(--tl-raised);border-bottom:1px solid var(--tl-border2)}
.tl-file select{max-width:40%}
.tl-file-left{color:var(--tl-error)}
.tl-file-choice{position:absolute;inset:0;overflow:auto;display:flex;flex-direction:column;gap:8px;padding:16px;max-width:860px;margin:0 auto}
.tl-file-choice h3{font-size:15px;line-height:22px;font-weight:500;color:var(--tl-max)}
.tl-file-choice ul{list-style:none;margin:0;padding:0 6px}
.tl-drop{position:absolute;inset:0;z-index:20;display:flex;align-items:center;justify-content:center;background:color-mix(in srgb,var(--tl-bg) 80%,transparent);border:2px dashed var(--tl-focus);font-size:15px;pointer-events:none}
`;
