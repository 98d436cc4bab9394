// By the width of the panel, not of the page.
export const NARROW = `
@container (max-width:1560px){.tl-widest{display:none}}
@container (max-width:1440px){.tl-tabs button{padding:0 7px}.tl-bar{gap:6px}.tl-icon{padding:0 4px}}
@container (max-width:620px){
.tl-wide{display:none}
.tl-tabs{flex:1 0 100%;overflow-x:auto;scrollbar-width:none}.tl-zoom{display:none}.tl-tabs button{padding:0 8px}.tl-bar>.tl-grow{display:none}.tl-bar>.tl-group{margin-right:auto}.tl-find{flex:1 1 100%;max-width:none;order:5}
.tl-waterfall :is(col,th,td):is(:nth-child(3),:nth-child(4)){display:none}.tl-waterfall col:first-child{width:52%}.tl-waterfall .tl-guide{width:4px;margin-left:2px}
.tl-services :is(col,th,td):is(:nth-child(3),:nth-child(6),:nth-child(7),:nth-child(8),:nth-child(9)){display:none}.tl-services col:first-child{width:30%}.tl-services col:nth-child(2){width:32%}
.tl-drawer{position:absolute;left:0;right:0;bottom:0;width:auto;height:56%;border-left:0;border-top:1px solid var(--tl-border2);box-shadow:var(--tl-shadow);z-index:4}
.tl-compare-view{overflow:auto}.tl-compare-main{flex:none;flex-direction:column}.tl-compare-stage{flex:none;height:380px}.tl-compare-list{flex:none;overflow:visible;border-left:0;border-top:1px solid var(--tl-border2)}.tl-compare-legend{margin-left:0}
.tl-hops{flex-direction:column}.tl-hops-list{width:auto;height:46%;border-right:0;border-bottom:1px solid var(--tl-border2)}
}
@container (max-width:420px){
.tl-bar{gap:4px}.tl-bar .tl-group button{padding:0 6px}.tl-bar .tl-icon{padding:0 3px;min-width:24px}
.tl-services :is(col,th,td):is(:nth-child(4),:nth-child(5)){display:none}.tl-services col:nth-child(2){width:46%}
.tl-compare :is(col,th,td):nth-child(2){display:none}
}
@container (max-width:340px){.tl-tabs button{padding:0 5px}.tl-tabs button:last-child,.tl-zoom{display:none}}
`;
