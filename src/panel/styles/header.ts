// Whose trace it is, what failed, where the time went; notes under it.
export const HEADER = `
.tl-head{padding:4px 12px 9px;flex:0 1 auto;min-height:0;overflow:hidden;border-top:1px solid var(--tl-border)}
.tl[data-low] .tl-head{overflow:auto;padding:2px 12px 4px}
.tl-line{display:flex;gap:4px 12px;align-items:baseline;line-height:20px;min-width:0;white-space:nowrap}
.tl-title{display:flex;align-items:baseline;gap:6px;margin:0;font-size:13px;font-weight:500;line-height:20px;color:var(--tl-max);min-width:60px;flex:0 1 auto;overflow:hidden}
.tl-title .tl-swatch{align-self:center}
.tl-who{color:var(--tl-text);flex:none;max-width:50%;overflow:hidden;text-overflow:ellipsis}
.tl-line strong{font-weight:500;color:var(--tl-max);flex:none}
.tl-start{flex:none}
.tl-id{display:inline-flex;align-items:baseline;gap:2px;min-width:54px;flex:0 1 auto}
.tl-copy{width:22px;height:20px;border-radius:3px;color:var(--tl-weak);flex:none;text-align:center}
.tl-copy:hover{background:var(--tl-hover);color:var(--tl-text)}
.tl-told{display:flex;flex-wrap:wrap;gap:0 14px;align-items:baseline;line-height:20px;min-width:0}
.tl-sentence{color:var(--tl-max);min-width:0;overflow-wrap:anywhere;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden}
.tl-line .tl-sentence{display:block;flex:1 1 auto;text-overflow:ellipsis;white-space:nowrap}
.tl-failures,.tl-remark{display:inline-flex;gap:5px;align-items:baseline;min-width:0;max-width:100%;min-height:20px;padding:0 5px;margin:0 -5px;border-radius:4px;white-space:nowrap}
:is(.tl-failures,.tl-remark):hover{background:var(--tl-hover)}
.tl-failures{max-width:min(100%,72ch);flex:0 1 auto}
.tl-line .tl-failures{max-width:50%;flex:none}
.tl-failures b{color:var(--tl-error);flex:none}
.tl-remark b{font-weight:500;color:var(--tl-weak);flex:none}
.tl-remark[data-kind=partial] :is(b,span:first-child),.tl-remark[data-kind=skew] :is(b,span:first-child){color:var(--tl-doubt)}
.tl-layers{display:flex;align-items:baseline;gap:2px 14px;min-height:26px;flex-wrap:wrap;white-space:nowrap}
.tl-layers h3{font-size:13px;line-height:18px;font-weight:500;color:var(--tl-max)}
.tl-layer{display:inline-flex;align-items:center;gap:6px;padding:2px 5px;margin:0 -5px;border-radius:4px}
.tl-layer:hover{background:var(--tl-hover)}
.tl-layer[aria-pressed=true]{background:var(--tl-on);box-shadow:inset 0 -2px #ff8833}
.tl-layer b{font-size:13px;color:var(--tl-max)}
.tl-swatch{width:12px;height:12px;border-radius:2px;display:inline-block;flex:none}
.tl-layer .tl-swatch{box-shadow:inset 0 0 0 1px var(--tl-border2)}
.tl-range{display:inline-flex;gap:8px;flex:none}
.tl-parts{flex:1 1 320px;min-width:0;display:flex;gap:8px;align-items:center;align-self:center}
.tl-chips{flex:1;min-width:0;display:flex;flex-wrap:wrap;justify-content:flex-end;gap:6px 10px;height:23px;overflow:hidden}
.tl-chip{display:inline-flex;gap:6px;align-items:center;border:1px solid var(--tl-border2);border-radius:11px;height:22px;padding:0 10px 0 8px;max-width:100%;flex:none;overflow:hidden}
.tl-chip:hover{background:var(--tl-hover);border-color:var(--tl-focus)}
.tl-chip b{color:var(--tl-max)}
.tl-part-list{list-style:none;margin:0;padding:0}
.tl-part-list button{display:grid;grid-template-columns:12px 64px 48px 1fr;gap:8px;align-items:baseline;width:100%;padding:3px 6px;border-radius:4px}
.tl-part-list button:hover{background:var(--tl-hover)}
.tl-part-list span:last-child{overflow-wrap:anywhere}
.tl-stack{display:flex;height:18px;gap:1px;border-radius:3px;overflow:hidden;margin-top:1px;flex:none}
.tl-stack button{height:100%;min-width:2px;overflow:hidden;text-align:left;padding:0 5px;font-size:10.5px;line-height:18px;white-space:nowrap;font-weight:500;border-radius:0}
.tl-stack button.tl-gap{margin-left:4px}
.tl-stack button[data-off=true]{opacity:.25}
.tl-stack button span.tl-plate{background:var(--tl-bg);padding:0 4px;border-radius:2px;color:var(--tl-max)}
.tl-stack.tl-thin{height:8px;margin:7px 0 4px}
.tl-note{display:flex;gap:10px;align-items:center;padding:5px 12px;border-top:1px solid var(--tl-border);flex:none}
.tl-note.tl-warn{background:color-mix(in srgb,var(--tl-doubt) 11%,var(--tl-bg))}
.tl-note.tl-warn b{color:var(--tl-doubt)}
.tl[data-low] .tl-note{display:none}
.tl-crumbs{display:flex;gap:6px;align-items:center;padding:3px 12px;border-top:1px solid var(--tl-border);color:var(--tl-weak);flex:none;white-space:nowrap;overflow:hidden}
.tl-crumbs .tl-link{overflow:hidden;text-overflow:ellipsis;min-width:20px}
.tl-crumbs .tl-link:last-child{flex:none}
@container (max-width:620px){
.tl-line{flex-wrap:wrap}
.tl-title{flex:1 1 100%}
.tl-layers h3{width:100%}
.tl-parts{flex:1 0 100%}
.tl-chips{justify-content:flex-start}
}
@container (max-width:420px){
.tl-layers h3{display:none}
.tl-layer>.tl-dim{display:none}
.tl-layers{gap:0 10px}
.tl-start{flex:0 1 auto;overflow:hidden;text-overflow:ellipsis}
}
.tl[data-low] .tl-line{flex-wrap:nowrap}
`;
