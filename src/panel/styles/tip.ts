// What follows the pointer, and lists of names and values.
export const TIP = `
.tl-tip{position:fixed;z-index:1060;background:var(--tl-raised);border:1px solid var(--tl-border2);border-radius:6px;box-shadow:var(--tl-shadow);padding:9px 11px;pointer-events:none;max-width:464px}
:is(.tl-tip,.tl-drawer) h4{display:flex;align-items:center;font-size:12.5px;line-height:18px;font-weight:600;color:var(--tl-max);overflow-wrap:anywhere}
.tl-kv{display:grid;grid-template-columns:auto 1fr;gap:1px 12px;margin-top:5px}
.tl-kv dt{color:var(--tl-weak)}
.tl-kv dd{overflow-wrap:anywhere;min-width:0}
.tl-badge{display:inline-flex;width:15px;height:15px;border-radius:3px;align-items:center;justify-content:center;font-size:10px;line-height:10px;font-weight:600;color:var(--tl-ink);margin-right:6px;vertical-align:-2px;flex:none}
.tl-badge.tl-a{border-radius:8px}
.tl-badge.tl-origin{background:var(--tl-error-fill);color:#fff}
.tl-badge.tl-passed{box-shadow:0 0 0 1.5px var(--tl-error)}
`;
