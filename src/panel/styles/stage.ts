// The room of the chosen view.
export const STAGE = `
.tl-main{flex:1 0 100px;min-height:100px;display:flex;position:relative;border-top:1px solid var(--tl-border)}
.tl-stage{flex:1;min-width:0;position:relative;overflow:hidden;container-type:inline-size}
.tl-stage canvas{display:block;touch-action:none}
.tl-stage canvas:focus-visible{outline-offset:-2px}
.tl-scroll{position:absolute;inset:0;overflow:auto}
.tl-under{position:absolute;inset:auto 0 0 0;border-top:1px solid var(--tl-border2)}
`;
