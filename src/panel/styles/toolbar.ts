// Tabs, find, groups of buttons.
export const TOOLBAR = `
.tl-bar{position:relative;display:flex;align-items:center;gap:6px;padding:6px var(--tl-menu-room,10px) 6px 10px;flex:none;min-width:0}
.tl[data-low] .tl-bar{padding-top:3px;padding-bottom:3px}
.tl-item{display:flex;flex:none}
.tl-tabs{display:flex;gap:2px;flex:none}
.tl-tabs button{white-space:nowrap;height:28px;padding:0 7px;border-radius:4px;color:var(--tl-weak);font-weight:500}
.tl-tabs button:hover{background:var(--tl-hover);color:var(--tl-text)}
.tl-tabs [aria-selected=true]{color:var(--tl-max);background:var(--tl-on);box-shadow:inset 0 -2px #ff8833}
.tl-find{display:flex;align-items:center;border:1px solid var(--tl-border2);border-radius:4px;height:28px;padding:0 2px 0 8px;gap:4px;flex:100 1 120px;max-width:300px;min-width:140px;background:var(--tl-sunken)}
.tl-find:focus-within{outline:2px solid var(--tl-focus);outline-offset:1px}
.tl-find input{border:0;background:none;outline:0;flex:1;min-width:0;padding:0}
.tl-find input:focus-visible{outline:0}
.tl-find button{width:22px;height:24px;border-radius:3px;color:var(--tl-weak);text-align:center}
.tl-find button:hover{background:var(--tl-hover)}
.tl-find button[aria-pressed=true]{background:var(--tl-on);color:var(--tl-max)}
.tl-find .tl-failed{flex:none;padding:0 4px;font-weight:700}
.tl-pills{display:inline-flex;gap:4px;flex:none}
.tl-pills button{height:24px;padding:0 9px;border-radius:12px;border:1px solid var(--tl-border2);color:var(--tl-weak);font-weight:500;white-space:nowrap}
.tl-pills button:hover{background:var(--tl-hover);color:var(--tl-text)}
.tl-pills [aria-pressed=true] .tl-dim,.tl-offers [aria-selected=true] .tl-dim{color:inherit}
.tl-pills button[aria-pressed=true]{background:var(--tl-on);color:var(--tl-max)}
.tl-menu.tl-offers{width:400px;gap:4px;padding:8px 6px}
.tl-offers>div{padding:0 6px}
.tl-offers ul{list-style:none;margin:0;padding:0;max-height:264px;overflow:auto}
.tl-offers li{display:flex;gap:12px;justify-content:space-between;align-items:baseline;padding:3px 6px;border-radius:3px;cursor:pointer;overflow-wrap:anywhere}
.tl-offers li>span:last-child{flex:none;max-width:60%;text-align:right}
.tl-offers li:hover{background:var(--tl-hover)}
.tl-offers li[aria-selected=true]{background:var(--tl-on);color:var(--tl-max);outline:1px solid var(--tl-focus);outline-offset:-1px}
.tl-menu .tl-offers-help{border-top:1px solid var(--tl-border2);padding-top:6px;font-size:11px}
.tl-group{display:inline-flex;border:1px solid var(--tl-border2);border-radius:4px;height:28px;padding:1px;flex:none}
.tl-group button{padding:0 9px;border-radius:3px;color:var(--tl-weak);font-weight:500;white-space:nowrap}
.tl-tools button{padding:0 6px}
.tl-group [aria-pressed=true]{background:var(--tl-on);color:var(--tl-max)}
.tl-icon{flex:none;min-width:28px;height:28px;border-radius:4px;color:var(--tl-weak);border:1px solid transparent;padding:0 5px;font-weight:500;white-space:nowrap;text-align:center}
.tl-more{width:28px;padding:0}
.tl-icon:hover{background:var(--tl-hover);color:var(--tl-text)}
.tl-icon[aria-pressed=true]{background:var(--tl-on);color:var(--tl-max);border-color:var(--tl-border2)}
.tl-group button:is(:disabled,[aria-disabled=true]){opacity:.45;cursor:not-allowed}
`;
