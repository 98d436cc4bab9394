// Two traces beside each other.
export const COMPARE = `
.tl-compare-view{position:absolute;inset:0;display:flex;flex-direction:column}
.tl-compare-with{display:flex;flex-wrap:wrap;align-items:center;gap:6px 12px;padding:6px 12px;flex:none}
.tl-compare-ask{display:flex;gap:8px;flex:0 1 380px;min-width:0}
.tl-compare-ask input{flex:1;min-width:0}
.tl-compare-with select{height:28px;max-width:300px}
.tl-compare-fold{display:flex;align-items:center;gap:6px;margin:0;cursor:pointer;white-space:nowrap}
.tl-compare-fold input{margin:0;accent-color:var(--tl-primary)}
.tl-compare-legend{display:flex;align-items:center;gap:5px;margin-left:auto;white-space:nowrap}
.tl-compare-legend i{width:12px;height:12px;border-radius:2px;margin-left:8px}
.tl-compare-legend [data-tone=slower]{background:var(--tl-slower)}
.tl-compare-legend [data-tone=faster]{background:var(--tl-faster)}
.tl-compare-legend [data-tone=alone]{border:1px dashed var(--tl-slower);background:repeating-linear-gradient(135deg,var(--tl-slower) 0 1.5px,transparent 1.5px 4px)}
.tl-compare-note{padding:2px 12px 8px;max-width:80ch}
.tl-compare-said{padding:0 12px 7px;flex:none}
.tl-compare-said b{color:var(--tl-max);font-size:13px}
.tl-compare-main{flex:1;min-height:0;display:flex;border-top:1px solid var(--tl-border)}
.tl-compare-stage{flex:1;min-width:0;position:relative;overflow:hidden}
.tl-compare-stage canvas{position:absolute}
.tl-compare-list{flex:0 0 clamp(340px,34%,520px);overflow:auto;border-left:1px solid var(--tl-border)}
.tl-compare{margin-bottom:10px}
.tl-compare th{position:static}
.tl-compare td>button{max-width:100%;overflow:hidden;text-overflow:ellipsis;vertical-align:bottom}
.tl-compare .tl-swatch+button{max-width:calc(100% - 22px)}
.tl-compare tfoot td{border-bottom:0;color:var(--tl-weak)}
.tl-gain{position:relative}
.tl-gain i{position:absolute;right:0;bottom:1px;height:3px;border-radius:1px;background:var(--tl-weak)}
[data-sign="1"] .tl-gain b{color:var(--tl-slower)}
[data-sign="1"] .tl-gain i{background:var(--tl-slower)}
[data-sign="-1"] .tl-gain b{color:var(--tl-faster)}
[data-sign="-1"] .tl-gain i{background:var(--tl-faster)}
.tl-pair{border-collapse:collapse;margin-top:5px}
.tl-pair :is(th,td){font-weight:400;text-align:right;padding:0 0 0 14px}
.tl-pair th[scope=row]{text-align:left;padding:0}
.tl-pair th{color:var(--tl-weak)}
`;
