// The hop path and its drawings.
import { FONT } from '../../canvas/theme';

export const HOPS = `
.tl-hops{display:flex;height:100%}
.tl-hops-list{width:clamp(300px,34%,400px);flex:none;overflow:auto;border-right:1px solid var(--tl-border);padding:6px}
.tl-hops-detail{flex:1;min-width:0;overflow:auto;padding:8px 14px}
.tl-call{display:block;width:100%;padding:6px 8px;border-radius:5px;border:1px solid transparent}
.tl-call:hover{background:var(--tl-hover)}
.tl-call[aria-current=true]{background:var(--tl-on);border-color:var(--tl-focus)}
.tl-call[aria-current=true] .tl-dim,.tl-table tr[aria-selected=true] .tl-dim{color:var(--tl-text)}
.tl-call-head{display:flex;justify-content:space-between;gap:8px;white-space:nowrap}
.tl-call-head span:first-child{overflow:hidden;text-overflow:ellipsis;color:var(--tl-max)}
.tl-call-bar{display:flex;height:7px;gap:1px;margin:4px 0 2px;border-radius:2px;overflow:hidden}
.tl svg text{font-family:${FONT};fill:var(--tl-text)}
.tl svg text.tl-t2{fill:var(--tl-weak)}
.tl svg text.tl-t3{fill:var(--tl-max)}
`;
