// The list's style sheet. Colours are the variables of the trace panel (cssVariables).
import { FONT } from '../canvas/theme';

export const STYLES = `
.tr,.tr-tip{color:var(--tl-text);font:400 12px/18px ${FONT};letter-spacing:.01em;font-variant-numeric:tabular-nums}
.tr{display:flex;flex-direction:column;height:100%;min-height:0;background:var(--tl-bg);overflow:hidden}
:is(.tr,.tr-tip) *{box-sizing:border-box}
:is(.tr,.tr-tip) i{font-style:normal}
:is(.tr,.tr-tip) b{font-weight:600;color:var(--tl-max)}
:where(.tr) button{font:inherit;color:inherit;background:none;border:0;padding:0;margin:0;cursor:pointer;text-align:inherit;letter-spacing:inherit}
.tr :focus-visible{outline:2px solid var(--tl-focus);outline-offset:1px;border-radius:4px}
.tr-dim{color:var(--tl-weak)}

.tr-tools{display:flex;flex-wrap:wrap;align-items:center;gap:4px 14px;padding:3px 12px;flex:none;border-bottom:1px solid var(--tl-border);min-height:34px}
.tr-group{display:flex;align-items:center;gap:4px;flex-wrap:wrap}
.tr-layer,.tr-scale button{display:inline-flex;align-items:center;gap:6px;min-height:24px;padding:0 7px;border-radius:4px;white-space:nowrap}
:is(.tr-layer,.tr-scale button):hover{background:var(--tl-hover)}
:is(.tr-layer,.tr-scale button)[aria-pressed=true]{background:var(--tl-on);color:var(--tl-max);box-shadow:inset 0 -2px #ff8833}
.tr-swatch{width:12px;height:12px;border-radius:2px;flex:none;box-shadow:inset 0 0 0 1px var(--tl-border2)}
.tr-state-line{margin-left:auto;color:var(--tl-weak)}
.tr-link{color:var(--tl-focus)}
.tr-link:hover{text-decoration:underline}
.tr-note{flex:none;padding:4px 12px;border-bottom:1px solid var(--tl-border);background:color-mix(in srgb,var(--tl-doubt) 11%,var(--tl-bg))}

.tr-grid{flex:1;min-height:0;overflow:auto;position:relative}
.tr-grid:focus-visible{outline-offset:-2px}
.tr-head{position:sticky;top:0;z-index:2;background:var(--tl-bg);border-bottom:1px solid var(--tl-border2)}
.tr-line{display:grid;gap:0 12px;padding:0 12px;align-items:center}
.tr-head .tr-line{height:28px;font-weight:500;color:var(--tl-weak)}
.tr-head button{min-height:24px;font-weight:500;white-space:nowrap}
.tr-head button:hover{color:var(--tl-max)}
.tr-head [aria-sort] button{color:var(--tl-max)}
.tr-body{position:relative}
.tr-row{position:absolute;left:0;right:0;cursor:default;border-bottom:1px solid var(--tl-border)}
.tr-row[data-open=true]{cursor:pointer}
.tr-row:hover{background:var(--tl-hover)}
.tr-row[aria-selected=true]{background:var(--tl-on);box-shadow:inset 3px 0 #ff8833}
.tr-row[aria-selected=true] .tr-dim{color:var(--tl-text)}
.tr-grid:focus-visible .tr-row[data-active=true]{outline:2px solid var(--tl-focus);outline-offset:-2px}
.tr-cell{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;min-width:0}
.tr-right{text-align:right}
.tr-cell a{color:var(--tl-max)}
.tr-cell a:hover{text-decoration:underline}
.tr-client{color:var(--tl-doubt)}
.tr-server{color:var(--tl-error)}
.tr-mark{display:inline-block;width:14px;height:14px;border-radius:7px;text-align:center;font:600 10px/14px ${FONT};margin-right:5px;color:#fff;background:var(--tl-error-fill)}
.tr-spans i{display:inline-block;min-width:31px;white-space:nowrap}
.tr-spans small{font-size:10px;color:var(--tl-weak)}

.tr-track{height:14px;display:flex;align-items:center;overflow:visible}
.tr-bar{display:flex;height:14px;border-radius:2px;overflow:hidden;min-width:2px;flex:none}
.tr-bar span{display:flex;flex-basis:0;min-width:2px}
.tr-bar i{flex-basis:0;min-width:0;height:100%}
.tr-bar span+span{border-left:1px solid var(--tl-bg)}
.tr-bar span[data-off=true]{opacity:.22}
.tr-waiting{background:var(--tl-on)}
.tr-unsplit{border:1px dashed var(--tl-doubt)}
.tr-why{margin-left:6px;color:var(--tl-weak);overflow:hidden;text-overflow:ellipsis;white-space:nowrap}

.tr-narrow .tr-line{gap:0 8px;grid-template-areas:"service request start" "bar bar duration"}
.tr-narrow .tr-head .tr-line{grid-template-areas:"service request start duration"}
.tr-narrow .tr-row .tr-cell{line-height:20px}

.tr-tip{position:fixed;z-index:1060;background:var(--tl-raised);border:1px solid var(--tl-border2);border-radius:6px;box-shadow:var(--tl-shadow);padding:9px 11px;pointer-events:none;max-width:min(440px,calc(100vw - 16px))}
.tr-tip h4{margin:0;font-size:12.5px;line-height:18px;font-weight:600;color:var(--tl-max);overflow-wrap:anywhere}
.tr-tip p{margin:4px 0 0;overflow-wrap:anywhere}
.tr-tip p[data-kind=error]{color:var(--tl-error)}
.tr-parts{display:grid;grid-template-columns:12px auto auto auto;gap:2px 10px;align-items:center;margin:6px 0 0;width:max-content}
.tr-parts b,.tr-parts span:last-child{text-align:right}

.tr-state{flex:1;min-height:0;overflow:auto;display:flex;flex-direction:column;align-items:center;justify-content:safe center;gap:8px;padding:12px;text-align:center}
.tr-state h3{margin:0;font-size:14px;font-weight:500;color:var(--tl-max)}
.tr-state code{max-width:min(720px,100%);white-space:pre-wrap;overflow-wrap:anywhere;background:none;border:0;color:inherit}
.tr-button{height:28px;padding:0 12px;border-radius:4px;background:var(--tl-primary);color:#fff;font-weight:500}
.tr-skeleton{flex:1;overflow:hidden;padding:6px 12px;display:flex;flex-direction:column;gap:12px}
.tr-skeleton i{height:14px;border-radius:2px;background:var(--tl-on);flex:none}
@media (prefers-reduced-motion:no-preference){.tr-skeleton i,.tr-waiting{animation:tr-wait 1.4s ease-in-out infinite}@keyframes tr-wait{50%{opacity:.45}}}
`;
