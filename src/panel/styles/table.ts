// Waterfall, services, requests.
export const TABLE = `
.tl-table{width:100%;border-collapse:collapse;table-layout:fixed}
.tl-table th{position:sticky;top:0;background:var(--tl-bg);z-index:2;text-align:left;font-weight:500;color:var(--tl-weak);height:26px;border-bottom:1px solid var(--tl-border);padding:0 8px}
.tl-table td{height:22px;padding:0 8px;border-bottom:1px solid var(--tl-border);white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.tl-table tbody tr:hover td{background:var(--tl-hover)}
.tl-table tbody tr[aria-selected=true] td{background:var(--tl-on)}
.tl-table tbody tr:focus-visible{outline-offset:-2px}
.tl-table .tl-right{text-align:right}
.tl-waterfall col:nth-child(1){width:34%}
.tl-waterfall col:nth-child(2){width:78px}
.tl-waterfall col:nth-child(3){width:74px}
.tl-waterfall col:nth-child(4){width:96px}
.tl-services col:nth-child(1){width:17%}
.tl-services col:nth-child(2){width:26%}
.tl-services col:nth-child(3){width:64px}
.tl-services col:last-child{width:64px}
.tl-name{display:flex;align-items:center;height:21px;overflow:hidden}
.tl-name b{font-weight:400;color:var(--tl-max);overflow:hidden;text-overflow:ellipsis;flex:0 1 auto}
.tl-name .tl-dim{padding-left:6px;overflow:hidden;text-overflow:ellipsis;flex:0 100 auto}
.tl-guide{display:inline-block;width:10px;height:22px;border-left:1px solid var(--tl-border2);margin-left:3px;flex:none}
.tl-twist{width:16px;height:20px;color:var(--tl-weak);flex:none;text-align:center}
.tl-track{position:relative;height:14px;overflow:hidden}
.tl-track i{position:absolute;top:0;height:14px;border-radius:2px;min-width:2px}
.tl-track i.tl-own{border-radius:0;min-width:0}
.tl-track i.tl-strand{height:6px;top:4px}
.tl-track i.tl-bad{top:12px;height:2px;background:var(--tl-error)}
.tl-track u{position:absolute;top:-5px;bottom:-5px;width:0;border-left:1.5px dashed var(--tl-ok)}
.tl-ticks{position:relative;overflow:hidden}
.tl-ticks span{position:absolute;top:4px;font-weight:400;padding-left:4px;border-left:1px solid var(--tl-border2);white-space:nowrap}
`;
