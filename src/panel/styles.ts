// The panel's style sheet. One text with a prefix of its own instead of a style library:
// it is needed once, its colours are variables on the root element (see cssVariables),
// and the panel then has no run-time dependency but React.
import { differenceLines } from '../canvas/differenceTones';
import { FONT, MONO, type Palette } from '../canvas/theme';

export function cssVariables(p: Palette): Record<string, string> {
  return {
    '--tl-bg': p.background,
    '--tl-sunken': p.sunken,
    '--tl-raised': p.raised,
    '--tl-border': p.border,
    '--tl-border2': p.dark ? 'rgba(204,204,220,.2)' : 'rgba(36,41,46,.3)',
    '--tl-text': p.text,
    '--tl-weak': p.textWeak,
    '--tl-max': p.dark ? '#fff' : '#000',
    '--tl-ink': p.ink,
    '--tl-focus': p.focus,
    '--tl-primary': p.dark ? '#3d71d9' : '#3871dc',
    '--tl-error': p.errorLine,
    '--tl-error-fill': p.error,
    '--tl-doubt': p.doubt,
    '--tl-ok': p.ok,
    '--tl-net': p.net.self,
    '--tl-slower': differenceLines(p)[0],
    '--tl-faster': differenceLines(p)[1],
    '--tl-hover': p.dark ? 'rgba(204,204,220,.08)' : 'rgba(36,41,46,.06)',
    '--tl-on': p.dark ? 'rgba(204,204,220,.14)' : 'rgba(36,41,46,.1)',
    '--tl-shadow': p.dark ? '0 8px 24px rgba(1,4,9,.75)' : '0 8px 24px rgba(24,26,27,.2)',
  };
}

export const STYLES = `
.tl,.tl-float{color:var(--tl-text);font:400 12px/18px ${FONT};letter-spacing:.01em;font-variant-numeric:tabular-nums}
.tl{position:relative;display:flex;flex-direction:column;height:100%;min-height:0;overflow:hidden;background:var(--tl-bg);container-type:inline-size}
:is(.tl,.tl-float) *{box-sizing:border-box}
.tl button,.tl input{font:inherit;color:inherit;letter-spacing:inherit}
.tl button{background:none;border:0;padding:0;margin:0;cursor:pointer;text-align:inherit}
.tl :focus-visible{outline:2px solid var(--tl-focus);outline-offset:1px;border-radius:4px}
:is(.tl,.tl-float) :is(h3,h4,h5,dl,dt,dd,p){margin:0;font-weight:inherit}
:is(.tl,.tl-float) i{font-style:normal}
:is(.tl,.tl-float) b{font-weight:600}
.tl-mono{font-family:${MONO};font-size:11px}
.tl-dim{color:var(--tl-weak)}
.tl-sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.tl-grow{flex:1;min-width:0}
.tl-link{color:var(--tl-focus)!important;white-space:nowrap}
.tl-link:hover{text-decoration:underline}

.tl-bar{display:flex;align-items:center;gap:8px;padding:6px 10px;flex:none;min-width:0}
.tl-tabs{display:flex;gap:2px}
.tl-tabs button{white-space:nowrap;height:28px;padding:0 10px;border-radius:4px;color:var(--tl-weak);font-weight:500}
.tl-tabs button:hover{background:var(--tl-hover);color:var(--tl-text)}
.tl-tabs [aria-selected=true]{color:var(--tl-max);background:var(--tl-on);box-shadow:inset 0 -2px #ff8833}
.tl-find{display:flex;align-items:center;border:1px solid var(--tl-border2);border-radius:4px;height:28px;padding:0 2px 0 8px;gap:4px;flex:0 1 300px;min-width:90px;background:var(--tl-sunken)}
.tl-find:focus-within{outline:2px solid var(--tl-focus);outline-offset:1px}
.tl-find input{border:0;background:none;outline:0;flex:1;min-width:0;padding:0}
.tl-find input:focus-visible{outline:0}
.tl-find button{width:22px;height:24px;border-radius:3px;color:var(--tl-weak);text-align:center}
.tl-find button:hover{background:var(--tl-hover)}
.tl-group{display:inline-flex;border:1px solid var(--tl-border2);border-radius:4px;height:28px;padding:1px;flex:none}
.tl-group button{padding:0 9px;border-radius:3px;color:var(--tl-weak);font-weight:500;white-space:nowrap}
.tl-group [aria-pressed=true]{background:var(--tl-on);color:var(--tl-max)}
.tl-icon{flex:none;min-width:28px;height:28px;border-radius:4px;color:var(--tl-weak);border:1px solid transparent!important;padding:0 6px!important;font-weight:500;white-space:nowrap;text-align:center!important}
.tl-icon:hover{background:var(--tl-hover);color:var(--tl-text)}
.tl-icon[aria-pressed=true]{background:var(--tl-on);color:var(--tl-max);border-color:var(--tl-border2)!important}

.tl-menu-at{position:relative;flex:none}
.tl-menu{position:absolute;right:0;top:32px;z-index:20;width:272px;max-height:min(70vh,560px);overflow:auto;background:var(--tl-raised);border:1px solid var(--tl-border2);border-radius:6px;box-shadow:var(--tl-shadow);padding:10px 12px;display:flex;flex-direction:column;gap:8px}
.tl-menu fieldset{border:0;margin:0;padding:0;min-width:0;display:flex;flex-direction:column;align-items:flex-start;gap:2px}
.tl-menu legend{padding:0 0 2px;font-size:11px;font-weight:600;color:var(--tl-weak);letter-spacing:.03em;margin:0;border:0}
.tl-menu label{display:flex;align-items:center;gap:6px;min-width:0;min-height:22px;cursor:pointer;margin:0}
.tl-menu .tl-menu-row{justify-content:space-between;width:100%}
.tl :is(select,.tl-menu input[type=number],.tl-menu input[type=text]){font:inherit;color:inherit;background:var(--tl-sunken);border:1px solid var(--tl-border2);border-radius:4px;height:26px;padding:0 6px;max-width:150px}
.tl option{background:var(--tl-raised);color:var(--tl-text)}
.tl-menu input[type=number]{width:84px}
.tl-menu input[type=checkbox]{margin:0;accent-color:var(--tl-primary)}
.tl-menu-list{width:100%;max-height:190px;overflow:auto}
.tl-menu-line{display:flex;justify-content:space-between;align-items:center;gap:8px}
.tl-menu-line .tl-link{opacity:.0}
.tl-menu-line:hover .tl-link,.tl-menu-line .tl-link:focus-visible{opacity:1}
.tl-menu-item{display:flex;gap:10px;justify-content:space-between;width:100%;min-height:26px;align-items:center;border-radius:4px;padding:0 6px!important;margin:0 -6px!important;width:calc(100% + 12px)}
.tl-menu-item:hover{background:var(--tl-hover)}

.tl-went{padding:4px 12px 9px;flex:none;border-top:1px solid var(--tl-border)}
.tl-counts{display:flex;gap:4px 12px;align-items:baseline;flex-wrap:wrap;line-height:20px}
.tl-counts strong{font-weight:500;color:var(--tl-max)}
.tl-sentence{color:var(--tl-max);flex:1 1 300px;min-width:0}
.tl-layers{display:flex;align-items:baseline;gap:14px;height:26px;overflow:hidden;white-space:nowrap}
.tl-layers h3{font-size:13px;line-height:18px;font-weight:500!important;color:var(--tl-max)}
.tl-layer{display:inline-flex;align-items:center;gap:6px;padding:2px 5px!important;margin:0 -5px!important;border-radius:4px}
.tl-layer:hover{background:var(--tl-hover)}
.tl-layer[aria-pressed=true]{background:var(--tl-on);box-shadow:inset 0 -2px #ff8833}
.tl-layer b{font-size:13px;color:var(--tl-max)}
.tl-swatch{width:12px;height:12px;border-radius:2px;display:inline-block;flex:none}
.tl-range{display:inline-flex;gap:8px;flex:none}
.tl-holds{flex:1;min-width:0;display:flex;flex-wrap:wrap;justify-content:flex-end;gap:6px 10px;height:23px;overflow:hidden;align-self:center}
.tl-hold{display:inline-flex;gap:6px;align-items:center;border:1px solid var(--tl-border2)!important;border-radius:11px;height:22px;padding:0 10px 0 8px!important;max-width:100%;flex:none;overflow:hidden}
.tl-hold:hover{background:var(--tl-hover);border-color:var(--tl-focus)!important}
.tl-hold b{color:var(--tl-max)}
.tl-hold span{overflow:hidden;text-overflow:ellipsis}
.tl-stack{display:flex;height:18px;gap:1px;border-radius:3px;overflow:hidden;margin-top:1px}
.tl-stack button{height:100%;min-width:2px;overflow:hidden;text-align:left;padding:0 5px;font-size:10.5px;line-height:18px;white-space:nowrap;font-weight:500;border-radius:0}
.tl-stack button.tl-gap{margin-left:4px}
.tl-stack button[data-off=true]{opacity:.25}
.tl-stack button span.tl-plate{background:var(--tl-bg);padding:0 4px;border-radius:2px;color:var(--tl-max)}
.tl-stack.tl-thin{height:8px;margin:7px 0 4px}
.tl-note{display:flex;gap:10px;align-items:center;padding:5px 12px;border-top:1px solid var(--tl-border);flex:none}
.tl-note.tl-warn{background:color-mix(in srgb,var(--tl-doubt) 11%,var(--tl-bg))}
.tl-note.tl-warn b{color:var(--tl-doubt)}
.tl-crumbs{display:flex;gap:6px;align-items:center;padding:3px 12px;border-top:1px solid var(--tl-border);color:var(--tl-weak);flex:none;white-space:nowrap;overflow:hidden}

.tl-main{flex:1;min-height:0;display:flex;position:relative;border-top:1px solid var(--tl-border)}
.tl-stage{flex:1;min-width:0;position:relative;overflow:hidden;container-type:inline-size}
.tl-stage canvas{display:block;touch-action:none;outline-offset:-2px!important}
.tl-scroll{position:absolute;inset:0;overflow:auto}
.tl-tip{position:fixed;z-index:1060;background:var(--tl-raised);border:1px solid var(--tl-border2);border-radius:6px;box-shadow:var(--tl-shadow);padding:9px 11px;pointer-events:none;max-width:464px}
:is(.tl-tip,.tl-drawer) h4{display:flex;align-items:center;font-size:12.5px;line-height:18px;font-weight:600!important;color:var(--tl-max);overflow-wrap:anywhere}
.tl-kv{display:grid;grid-template-columns:auto 1fr;gap:1px 12px;margin-top:5px!important}
.tl-kv dt{color:var(--tl-weak)}
.tl-kv dd{overflow-wrap:anywhere;min-width:0}
.tl-badge{display:inline-flex;width:15px;height:15px;border-radius:3px;align-items:center;justify-content:center;font-size:10px;line-height:10px;font-weight:600;color:var(--tl-ink);margin-right:6px;vertical-align:-2px;flex:none}
.tl-badge.tl-a{border-radius:8px}
.tl-badge.tl-origin{background:var(--tl-error-fill)!important;color:#fff}
.tl-badge.tl-passed{box-shadow:0 0 0 1.5px var(--tl-error)}

.tl-drawer{width:384px;flex:none;border-left:1px solid var(--tl-border2);background:var(--tl-bg);overflow:auto;padding:0 0 16px}
.tl-drawer header{position:sticky;top:0;background:var(--tl-bg);padding:9px 36px 8px 12px;border-bottom:1px solid var(--tl-border);z-index:1}
.tl-drawer section{padding:9px 12px 2px}
.tl .tl-drawer h5{margin:0 0 5px;font-size:11px;line-height:16px;font-weight:600!important;color:var(--tl-weak);letter-spacing:.03em}
.tl-close{position:absolute;right:8px;top:7px;width:24px;height:24px;border-radius:4px;text-align:center!important}
.tl-close:hover{background:var(--tl-hover)}
.tl-proof{border:1px solid var(--tl-border2);border-radius:6px;padding:7px 9px;border-left:3px solid var(--tl-ok)}
.tl-proof.tl-causal{border-left-color:var(--tl-focus)}
.tl-proof.tl-inferred{border-left-style:dashed;border-left-color:var(--tl-doubt)}
.tl-proof.tl-none{border-left-style:dotted;border-left-color:var(--tl-error)}
.tl-values{display:grid;grid-template-columns:minmax(80px,auto) 1fr;gap:0 8px}
.tl-values span:nth-child(odd){color:var(--tl-weak)}
.tl-values span{overflow-wrap:anywhere}
.tl-pill{border-radius:9px;padding:0 7px;font-weight:600;font-size:11px;line-height:17px;display:inline-block;border:1px solid currentColor;white-space:nowrap}
.tl-pill.tl-proven{color:var(--tl-ok)}
.tl-pill.tl-causal{color:var(--tl-focus)}
.tl-pill.tl-inferred{color:var(--tl-doubt);border-style:dashed}
.tl-pill.tl-none{color:var(--tl-error);border-style:dotted}
.tl-related{margin-bottom:6px}
.tl-related-row{display:flex;align-items:center;width:100%;border-radius:4px;padding:1px 4px!important;margin:0 -4px!important;width:calc(100% + 8px)}
.tl-related-row:hover{background:var(--tl-hover)}
.tl-related-row span:nth-child(2){flex:1;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.tl-mini{height:8px;position:relative;border-radius:2px;background:var(--tl-hover);margin:5px 0}
.tl-mini i{position:absolute;top:0;bottom:0;border-radius:1px;min-width:2px}

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

.tl-table{width:100%;border-collapse:collapse;table-layout:fixed}
.tl-table th{position:sticky;top:0;background:var(--tl-bg);z-index:2;text-align:left;font-weight:500;color:var(--tl-weak);height:26px;border-bottom:1px solid var(--tl-border);padding:0 8px}
.tl-table td{height:22px;padding:0 8px;border-bottom:1px solid var(--tl-border);white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.tl-table tbody tr:hover td{background:var(--tl-hover)}
.tl-table tbody tr[aria-selected=true] td{background:var(--tl-on)}
.tl-table tbody tr:focus-visible{outline-offset:-2px}
.tl-table .tl-right{text-align:right}
.tl-compare-view{position:absolute;inset:0;display:flex;flex-direction:column}
.tl-compare-with{display:flex;flex-wrap:wrap;align-items:center;gap:6px 12px;padding:6px 12px;flex:none}
.tl-compare-ask{display:flex;gap:8px;flex:0 1 380px;min-width:0}
.tl-compare-ask input{flex:1;min-width:0}
.tl-compare-with select{height:28px!important;max-width:300px!important}
.tl-group button:disabled{opacity:.45;cursor:not-allowed}
.tl-compare-fold{display:flex;align-items:center;gap:6px;margin:0;cursor:pointer;white-space:nowrap}
.tl-compare-fold input{margin:0;accent-color:var(--tl-primary)}
.tl-compare-legend{display:flex;align-items:center;gap:5px;margin-left:auto;white-space:nowrap}
.tl-compare-legend i{width:12px;height:12px;border-radius:2px;margin-left:8px}
.tl-compare-legend [data-tone=slower]{background:var(--tl-slower)}
.tl-compare-legend [data-tone=faster]{background:var(--tl-faster)}
.tl-compare-legend [data-tone=alone]{border:1px dashed var(--tl-slower);background:repeating-linear-gradient(135deg,var(--tl-slower) 0 1.5px,transparent 1.5px 4px)}
.tl-compare-note{padding:2px 12px 8px!important;max-width:80ch}
.tl-compare-said{padding:0 12px 7px!important;flex:none}
.tl-compare-said b{color:var(--tl-max);font-size:13px}
.tl-compare-main{flex:1;min-height:0;display:flex;border-top:1px solid var(--tl-border)}
.tl-compare-stage{flex:1;min-width:0;position:relative;overflow:hidden}
.tl-compare-stage canvas{display:block;touch-action:none;outline-offset:-2px!important;position:absolute}
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
.tl-name{display:flex;align-items:center;height:21px;overflow:hidden}
.tl-name b{font-weight:400;color:var(--tl-max);overflow:hidden;text-overflow:ellipsis;flex:0 1 auto}
.tl-name .tl-dim{padding-left:6px;overflow:hidden;text-overflow:ellipsis;flex:0 100 auto}
.tl-guide{display:inline-block;width:10px;height:22px;border-left:1px solid var(--tl-border2);margin-left:3px;flex:none}
.tl-twist{width:16px;height:20px;color:var(--tl-weak);flex:none;text-align:center!important}
.tl-track{position:relative;height:14px;overflow:hidden}
.tl-track i{position:absolute;top:0;height:14px;border-radius:2px;min-width:2px}
.tl-track i.tl-own{border-radius:0;min-width:0}
.tl-track i.tl-strand{height:6px;top:4px}
.tl-track i.tl-bad{top:12px;height:2px;background:var(--tl-error)}
.tl-ticks{position:relative;overflow:hidden}
.tl-ticks span{position:absolute;top:4px;font-weight:400;padding-left:4px;border-left:1px solid var(--tl-border2);white-space:nowrap}

.tl-hops{display:flex;height:100%}
.tl-hops-list{width:clamp(300px,34%,400px);flex:none;overflow:auto;border-right:1px solid var(--tl-border);padding:6px}
.tl-hops-detail{flex:1;min-width:0;overflow:auto;padding:8px 14px}
.tl-call{display:block;width:100%;padding:6px 8px!important;border-radius:5px;border:1px solid transparent!important}
.tl-call:hover{background:var(--tl-hover)}
.tl-call[aria-current=true]{background:var(--tl-on);border-color:var(--tl-focus)!important}
.tl-call[aria-current=true] .tl-dim,.tl-table tr[aria-selected=true] .tl-dim{color:var(--tl-text)}
.tl-call-head{display:flex;justify-content:space-between;gap:8px;white-space:nowrap}
.tl-call-head span:first-child{overflow:hidden;text-overflow:ellipsis;color:var(--tl-max)}
.tl-call-bar{display:flex;height:7px;gap:1px;margin:4px 0 2px;border-radius:2px;overflow:hidden}
.tl svg text{font-family:${FONT};fill:var(--tl-text)}
.tl svg text.tl-t2{fill:var(--tl-weak)}
.tl svg text.tl-t3{fill:var(--tl-max)}
.tl pre{margin:0;padding:10px 14px;font:11.5px/17px ${MONO};background:none;border:0;color:inherit;white-space:pre;word-break:normal}

.tl-state{position:absolute;inset:0;display:flex;flex-direction:column;align-items:center;justify-content:center;gap:8px;text-align:center;padding:20px}
.tl-state h3{font-size:15px;line-height:22px;font-weight:500!important;color:var(--tl-max)}
.tl .tl-button{height:28px;padding:0 12px;border-radius:4px;background:var(--tl-primary);color:#fff;font-weight:500}
.tl .tl-button.tl-quiet{background:none;border:1px solid var(--tl-border2);color:var(--tl-text)}
.tl-input{height:28px;border:1px solid var(--tl-border2);border-radius:4px;background:var(--tl-sunken);padding:0 9px}
.tl-skeleton{position:absolute;border-radius:2px;background:var(--tl-on);animation:tl-breathe 1.4s ease-in-out infinite}
@keyframes tl-breathe{50%{opacity:.45}}
.tl-keys{position:absolute;right:12px;bottom:12px;z-index:5;background:var(--tl-raised);border:1px solid var(--tl-border2);border-radius:6px;box-shadow:var(--tl-shadow);padding:10px 14px;display:grid;grid-template-columns:auto auto;gap:2px 16px}
.tl-keys kbd{font:500 11px/18px ${MONO};border:1px solid var(--tl-border2);border-radius:3px;padding:0 5px;background:none;color:inherit;box-shadow:none;justify-self:start}

@container (max-width:1560px){.tl-widest{display:none}}
@container (max-width:1200px){.tl-tabs button{padding:0 7px}.tl-bar{gap:6px}.tl-icon{padding:0 4px!important}}
@container (max-width:1080px){.tl-wide{display:none!important}}
@container (max-width:620px){
.tl-bar{flex-wrap:wrap}.tl-tabs{flex:1 0 100%;overflow-x:auto;scrollbar-width:none}.tl-zoom{display:none}.tl-menu{position:fixed;right:auto;left:8px;top:auto;max-width:calc(100% - 16px)}.tl-menu-at{position:static}.tl-bar{position:relative}.tl-tabs button{padding:0 8px}.tl-bar>.tl-grow{display:none}.tl-bar>.tl-group{margin-right:auto}.tl-find{flex:1 1 100%;order:5}
.tl-layers{flex-wrap:wrap;height:auto;gap:0 14px}.tl-sentence{flex-basis:100%}
.tl-waterfall :is(col,th,td):is(:nth-child(3),:nth-child(4)){display:none}.tl-waterfall col:first-child{width:52%!important}.tl-waterfall .tl-guide{width:4px;margin-left:2px}
.tl-services :is(col,th,td):is(:nth-child(3),:nth-child(6),:nth-child(7),:nth-child(8),:nth-child(9)){display:none}.tl-services col:first-child{width:30%!important}.tl-services col:nth-child(2){width:32%!important}
.tl-layers h3{width:100%}.tl-range{display:inline-flex;gap:8px;flex:none}
.tl-holds{flex:1 0 100%;justify-content:flex-start}
.tl-drawer{position:absolute;left:0;right:0;bottom:0;width:auto;height:56%;border-left:0;border-top:1px solid var(--tl-border2);box-shadow:var(--tl-shadow);z-index:4}
.tl-compare-view{overflow:auto}.tl-compare-main{flex:none;flex-direction:column}.tl-compare-stage{flex:none;height:380px}.tl-compare-list{flex:none;overflow:visible;border-left:0;border-top:1px solid var(--tl-border2)}.tl-compare-legend{margin-left:0}
.tl-hops{flex-direction:column}.tl-hops-list{width:auto;height:46%;border-right:0;border-bottom:1px solid var(--tl-border2)}
}
@container (max-width:420px){
.tl-bar{gap:4px}.tl-bar .tl-group button{padding:0 6px}.tl-bar .tl-icon{padding:0 3px!important;min-width:24px}
.tl-layers h3{display:none}.tl-layer>.tl-dim{display:none}.tl-layers{gap:0 10px}
.tl-services :is(col,th,td):is(:nth-child(4),:nth-child(5)){display:none}.tl-services col:nth-child(2){width:46%!important}
.tl-compare :is(col,th,td):nth-child(2){display:none}
}
@container (max-width:340px){.tl-tabs button{padding:0 5px}.tl-tabs button:last-child,.tl-zoom{display:none}}
@media (prefers-reduced-motion:reduce){.tl *{animation:none!important;transition:none!important}}
`;
