// No trace to draw, keys, what is on its way.
import { MONO } from '../../canvas/theme';

export const STATES = `
.tl-state{position:absolute;inset:0;display:flex;flex-direction:column;align-items:center;gap:8px;text-align:center;padding:16px 20px;overflow:auto;overflow-wrap:anywhere}
.tl-state h3{font-size:15px;line-height:22px;font-weight:500;color:var(--tl-max)}
.tl-ask-id{display:flex;gap:8px;max-width:100%}
.tl-ask-id input{width:280px;min-width:0;flex:0 1 auto}
.tl-state>*{max-width:720px;flex:none}
.tl-button{height:28px;padding:0 12px;border-radius:4px;background:var(--tl-primary);color:#fff;font-weight:500}
.tl-button.tl-quiet{background:none;border:1px solid var(--tl-border2);color:var(--tl-text)}
.tl-input{height:28px;border:1px solid var(--tl-border2);border-radius:4px;background:var(--tl-sunken);padding:0 9px}
.tl-skeleton{position:absolute;border-radius:2px;background:var(--tl-on)}
@media (prefers-reduced-motion:no-preference){.tl-skeleton{animation:tl-breathe 1.4s ease-in-out infinite}@keyframes tl-breathe{50%{opacity:.45}}}
.tl-keys{position:absolute;right:12px;bottom:12px;z-index:5;background:var(--tl-raised);border:1px solid var(--tl-border2);border-radius:6px;box-shadow:var(--tl-shadow);padding:10px 14px;display:grid;grid-template-columns:auto auto;gap:2px 16px}
.tl-keys kbd{font:500 11px/18px ${MONO};border:1px solid var(--tl-border2);border-radius:3px;padding:0 5px;background:none;color:inherit;box-shadow:none;justify-self:start}
`;
