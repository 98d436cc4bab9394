// In which attributes spans differ.
export const DIFFERING = `
.tl .tl-drawer .tl-differs h5{margin:0;color:var(--tl-text);overflow-wrap:anywhere}
.tl-differs-value{display:grid;grid-template-columns:minmax(0,1fr) 72px 74px;gap:0 8px;align-items:center;min-height:20px}
.tl-differs-name{position:relative;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.tl-differs-name:is(:hover,:focus-within)>.tl-row-acts{opacity:1}
.tl-differs-bars{display:flex;flex-direction:column;gap:2px}
.tl-differs-bars i{height:5px;border-radius:1px;min-width:1px}
.tl-differs-bars i:first-child,.tl-differs-legend i:first-child{background:var(--tl-focus)}
.tl-differs-bars i:last-child,.tl-differs-legend i:not(:first-child){background:var(--tl-net)}
.tl-differs-legend{display:flex;flex-wrap:wrap;align-items:center;gap:0 5px;margin-top:5px}
.tl-differs-legend i{width:12px;height:8px;border-radius:1px}
.tl-differs-legend i:not(:first-child){margin-left:10px}
.tl-differs-shares{text-align:right;white-space:nowrap}
.tl .tl-differs-note{padding:9px 12px 2px}
`;
