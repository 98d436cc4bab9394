// Details of the selected span.
export const DRAWER = `
.tl-drawer{position:relative;flex:none;max-width:100%;border:solid var(--tl-border2);border-width:0 0 0 1px;background:var(--tl-bg)}
.tl-drawer[data-over]{position:absolute;z-index:4;inset:var(--tl-head) 0 0 auto;max-height:calc(100% - var(--tl-head));border-top-width:1px;box-shadow:var(--tl-shadow)}
.tl-drawer[data-over][data-side=start]{inset:var(--tl-head) auto 0 0;border-width:1px 1px 0 0}
.tl-drawer[data-over][data-at=bottom]{inset:auto 0 0 0;border-width:1px 0 0}
.tl-drawer[data-over][data-at=bottom][data-side=start]{inset:var(--tl-head) 0 auto 0;border-width:1px 0}
.tl-drawer-name{min-width:0;max-height:180px;overflow:auto}
.tl-drawer-name .tl-link{margin-left:6px;font-weight:400}
.tl-drawer-body{height:100%;overflow:auto;overflow-wrap:anywhere;padding:0 0 16px}
.tl-drawer-edge{position:absolute;z-index:2;inset:0 auto 0 -4px;width:8px;cursor:ew-resize;touch-action:none}
[data-side=start]>.tl-drawer-edge{inset:0 -4px 0 auto}
[data-at=bottom]>.tl-drawer-edge{inset:-4px 0 auto 0;width:auto;height:8px;cursor:ns-resize}
[data-at=bottom][data-side=start]>.tl-drawer-edge{inset:auto 0 -4px 0}
.tl-drawer-edge:is(:hover,:focus-visible,:active){background:var(--tl-focus);opacity:.5}
.tl-drawer header{position:sticky;top:0;background:var(--tl-bg);padding:9px 36px 8px 12px;border-bottom:1px solid var(--tl-border);z-index:1}
.tl-drawer section{padding:9px 12px 2px}
.tl .tl-drawer h5{margin:0 0 5px;font-size:11px;line-height:16px;font-weight:600;color:var(--tl-weak);letter-spacing:.03em}
.tl-close{position:absolute;right:8px;top:7px;width:24px;height:24px;border-radius:4px;text-align:center}
.tl-close:hover{background:var(--tl-hover)}
.tl-proof{border:1px solid var(--tl-border2);border-radius:6px;padding:7px 9px;border-left:3px solid var(--tl-ok)}
.tl-proof.tl-causal{border-left-color:var(--tl-focus)}
.tl-proof.tl-inferred{border-left-style:dashed;border-left-color:var(--tl-doubt)}
.tl-proof.tl-none{border-left-style:dotted;border-left-color:var(--tl-error)}
.tl-values{display:grid;grid-template-columns:minmax(80px,auto) 1fr;gap:0 8px}
.tl-values span:nth-child(odd){color:var(--tl-weak)}
.tl-values span{overflow-wrap:anywhere}
.tl-pill{border-radius:9px;padding:0 7px;font-weight:600;font-size:11px;line-height:17px;display:inline-block;border:1px solid currentColor;white-space:nowrap}
.tl-pill.tl-proven{color:var(--tl-ok)}
.tl-pill.tl-causal{color:var(--tl-focus)}
.tl-pill.tl-inferred{color:var(--tl-doubt);border-style:dashed}
.tl-pill.tl-none{color:var(--tl-error);border-style:dotted}
.tl-related{margin-bottom:6px}
.tl-related-row{display:flex;align-items:center;width:100%;border-radius:4px;padding:1px 4px;margin:0 -4px;width:calc(100% + 8px)}
.tl-related-row:hover{background:var(--tl-hover)}
.tl-related-row span:nth-child(2){flex:1;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.tl-mini{height:8px;position:relative;border-radius:2px;background:var(--tl-hover);margin:5px 0}
.tl-mini i{position:absolute;top:0;bottom:0;border-radius:1px;min-width:2px}
`;
