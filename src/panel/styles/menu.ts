// What a button of the toolbar opens, and fields.
export const MENU = `
.tl-menu{position:fixed;z-index:1055;width:288px;max-width:calc(100vw - 16px);overflow:auto;background:var(--tl-raised);border:1px solid var(--tl-border2);border-radius:6px;box-shadow:var(--tl-shadow);padding:10px 12px;display:flex;flex-direction:column;gap:8px}
.tl-menu.tl-menu-wide{width:560px}
.tl-menu fieldset{border:0;margin:0;padding:0;min-width:0;display:flex;flex-direction:column;align-items:flex-start;gap:2px}
.tl-menu legend{padding:0 0 2px;font-size:11px;font-weight:600;color:var(--tl-weak);letter-spacing:.03em;margin:0;border:0}
.tl-menu label{display:flex;align-items:center;gap:6px;min-width:0;min-height:22px;cursor:pointer;margin:0}
.tl-menu .tl-menu-row{justify-content:space-between;width:100%}
:where(.tl,.tl-float) select,.tl-menu :is(input[type=number],input[type=text]){font:inherit;color:inherit;background:var(--tl-sunken);border:1px solid var(--tl-border2);border-radius:4px;height:26px;padding:0 6px;max-width:150px}
:where(.tl,.tl-float) option{background:var(--tl-raised);color:var(--tl-text)}
.tl-menu input[type=number]{width:84px}
.tl-menu input[type=checkbox]{margin:0;accent-color:var(--tl-primary)}
.tl-menu-list{width:100%;max-height:190px;overflow:auto}
.tl-menu-line{display:flex;justify-content:space-between;align-items:center;gap:8px;min-width:0}
.tl-menu-line label{overflow-wrap:anywhere}
.tl-menu-line .tl-link{opacity:.0}
.tl-menu-line:hover .tl-link,.tl-menu-line .tl-link:focus-visible{opacity:1}
.tl-menu-item{display:flex;gap:10px;justify-content:space-between;width:100%;min-height:26px;align-items:center;border-radius:4px;padding:0 6px;margin:0 -6px;width:calc(100% + 12px)}
.tl-menu-item:hover{background:var(--tl-hover)}
.tl-menu-item[aria-pressed=true]{background:var(--tl-on)}
.tl-legend-name{display:flex;align-items:center;gap:6px;min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.tl-failed{color:var(--tl-error);overflow-wrap:anywhere}
`;
