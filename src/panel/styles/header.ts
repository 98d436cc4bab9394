// Where the time went: sentence, layers, parts; notes under it.
export const HEADER = `
.tl-went{padding:4px 12px 9px;flex:none;border-top:1px solid var(--tl-border)}
.tl-counts{display:flex;gap:4px 12px;align-items:baseline;flex-wrap:wrap;line-height:20px}
.tl-counts strong{font-weight:500;color:var(--tl-max)}
.tl-sentence{color:var(--tl-max);flex:1 1 300px;min-width:0}
.tl-layers{display:flex;align-items:baseline;gap:14px;height:26px;overflow:hidden;white-space:nowrap}
.tl-layers h3{font-size:13px;line-height:18px;font-weight:500;color:var(--tl-max)}
.tl-layer{display:inline-flex;align-items:center;gap:6px;padding:2px 5px;margin:0 -5px;border-radius:4px}
.tl-layer:hover{background:var(--tl-hover)}
.tl-layer[aria-pressed=true]{background:var(--tl-on);box-shadow:inset 0 -2px #ff8833}
.tl-layer b{font-size:13px;color:var(--tl-max)}
.tl-swatch{width:12px;height:12px;border-radius:2px;display:inline-block;flex:none}
.tl-range{display:inline-flex;gap:8px;flex:none}
.tl-holds{flex:1;min-width:0;display:flex;flex-wrap:wrap;justify-content:flex-end;gap:6px 10px;height:23px;overflow:hidden;align-self:center}
.tl-hold{display:inline-flex;gap:6px;align-items:center;border:1px solid var(--tl-border2);border-radius:11px;height:22px;padding:0 10px 0 8px;max-width:100%;flex:none;overflow:hidden}
.tl-hold:hover{background:var(--tl-hover);border-color:var(--tl-focus)}
.tl-hold b{color:var(--tl-max)}
.tl-hold span{overflow:hidden;text-overflow:ellipsis}
.tl-stack{display:flex;height:18px;gap:1px;border-radius:3px;overflow:hidden;margin-top:1px}
.tl-stack button{height:100%;min-width:2px;overflow:hidden;text-align:left;padding:0 5px;font-size:10.5px;line-height:18px;white-space:nowrap;font-weight:500;border-radius:0}
.tl-stack button.tl-gap{margin-left:4px}
.tl-stack button[data-off=true]{opacity:.25}
.tl-stack button span.tl-plate{background:var(--tl-bg);padding:0 4px;border-radius:2px;color:var(--tl-max)}
.tl-stack.tl-thin{height:8px;margin:7px 0 4px}
.tl-note{display:flex;gap:10px;align-items:center;padding:5px 12px;border-top:1px solid var(--tl-border);flex:none}
.tl-note.tl-warn{background:color-mix(in srgb,var(--tl-doubt) 11%,var(--tl-bg))}
.tl-note.tl-warn b{color:var(--tl-doubt)}
.tl-crumbs{display:flex;gap:6px;align-items:center;padding:3px 12px;border-top:1px solid var(--tl-border);color:var(--tl-weak);flex:none;white-space:nowrap;overflow:hidden}
`;
