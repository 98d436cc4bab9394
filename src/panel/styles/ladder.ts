// The way of a request, point by point.
export const LADDER = `
.tl-ladder{display:grid;grid-template-columns:1fr 86px 1fr;font-size:11.5px;line-height:16px;margin-top:7px}
.tl-ladder .tl-rung{grid-column:1/4;display:flex;justify-content:center}
.tl-ladder .tl-rung>span{display:flex;align-items:center;width:196px;border-radius:4px;padding:1px 8px 1px 4px;line-height:17px;white-space:nowrap;overflow:hidden;border:1px solid var(--tl-border2);background:var(--tl-bg)}
.tl-ladder .tl-rung.tl-here>span{border-color:var(--tl-focus);box-shadow:0 0 0 1px var(--tl-focus)}
.tl-ladder .tl-rung.tl-lost>span{border-style:dotted;color:var(--tl-doubt);justify-content:center}
.tl-ladder .tl-rung b{font-weight:400;overflow:hidden;text-overflow:ellipsis}
.tl-ladder .tl-rung i{margin-left:auto;padding-left:8px}
.tl-ladder .tl-q,.tl-ladder .tl-r{display:flex;align-items:center;gap:7px;white-space:nowrap}
.tl-ladder .tl-q{justify-content:flex-end}
.tl-ladder .tl-leg{height:18px;margin:0 15px;border:solid var(--tl-net);border-width:0 2px;text-align:center;font-size:10.5px;line-height:18px;color:var(--tl-weak)}
.tl-ladder .tl-leg.tl-kernel{border-style:dashed}
.tl-ladder .tl-leg.tl-wire{border-style:double;border-width:0 5px;margin:0 13.5px}
.tl-ladder .tl-q i,.tl-ladder .tl-r i{height:8px;border-radius:1px;min-width:2px;flex:none}
.tl-ladder .tl-big{color:var(--tl-max);font-weight:600}
.tl-ladder .tl-head{color:var(--tl-weak);font-size:11px;padding:0 6px}
`;
