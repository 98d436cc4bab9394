// What all parts share. Grafana's own sheet styles bare elements: ours come behind it in the page
// with no more weight (:where counts nothing), so that a class always wins.
import { FONT, MONO } from '../../canvas/theme';

export const BASE = `
.tl,.tl-float{color:var(--tl-text);font:400 12px/18px ${FONT};letter-spacing:.01em;font-variant-numeric:tabular-nums}
.tl{position:relative;display:flex;flex-direction:column;height:100%;min-height:0;overflow:hidden;background:var(--tl-bg);container-type:inline-size}
:where(.tl,.tl-float) *{box-sizing:border-box}
:where(.tl,.tl-float) :is(button,input,select,textarea){font:inherit;color:inherit;letter-spacing:inherit}
:where(.tl,.tl-float) button{background:none;border:0;padding:0;margin:0;cursor:pointer;text-align:inherit}
:is(.tl,.tl-float) :focus-visible{outline:2px solid var(--tl-focus);outline-offset:1px;border-radius:4px}
:where(.tl,.tl-float) :is(h2,h3,h4,h5,dl,dt,dd,p){margin:0;font-weight:inherit}
:where(.tl,.tl-float) i{font-style:normal}
:where(.tl,.tl-float) b{font-weight:600}
.tl-mono{font-family:${MONO};font-size:11px}
.tl-dim{color:var(--tl-weak)}
.tl-sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.tl-clip{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;min-width:0}
.tl-grow{flex:1;min-width:0}
.tl-link{color:var(--tl-focus);white-space:nowrap}
.tl-link:hover{text-decoration:underline}
:where(.tl) pre{margin:0;padding:10px 14px;font:11.5px/17px ${MONO};background:none;border:0;color:inherit;white-space:pre;word-break:normal}
`;
