// By the width of the panel, not of the page.
export const NARROW = `
@container (max-width:620px){
.tl-waterfall :is(col,th,td):is(:nth-child(3),:nth-child(4)){display:none}.tl-waterfall col:first-child{width:52%}.tl-waterfall .tl-guide{width:4px;margin-left:2px}
.tl-services [data-room=wide]{display:none}.tl-services col:first-child{width:26%}.tl-services col:nth-child(2){width:28%}
.tl-compare-view{overflow:auto}.tl-compare-main{flex:none;flex-direction:column}.tl-compare-stage{flex:none;height:380px}.tl-compare-list{flex:none;overflow:visible;border-left:0;border-top:1px solid var(--tl-border2)}.tl-compare-legend{margin-left:0}
.tl-hops{flex-direction:column}.tl-hops-list{width:auto;height:46%;border-right:0;border-bottom:1px solid var(--tl-border2)}
}
@container (max-width:420px){
.tl-find{min-width:90px}
.tl-find:not(:focus-within)>:is(button,[aria-live]){display:none}
.tl-find:focus-within{position:absolute;left:6px;right:6px;max-width:none;z-index:3}
.tl-services [data-room=middle]{display:none}.tl-services col:nth-child(2){width:46%}
.tl-compare :is(col,th,td):nth-child(2){display:none}
}
`;
