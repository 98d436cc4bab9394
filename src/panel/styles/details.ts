// What a span tells: rows of attributes, events, exceptions, messages of models.
export const DETAILS = `
.tl-rows dt,.tl-rows dd{padding:1px 0}
.tl-rows dt{overflow-wrap:anywhere}
.tl-rows dd{position:relative;overflow-wrap:anywhere;min-width:0;white-space:pre-wrap}
.tl .tl-rows{grid-template-columns:minmax(90px,max-content) minmax(0,1fr)}
.tl-rows dt{max-width:190px}
.tl-row-acts{position:absolute;right:-4px;top:0;display:inline-flex;gap:1px;background:var(--tl-raised);border:1px solid var(--tl-border2);border-radius:4px;opacity:0}
dd:hover>.tl-row-acts,.tl-row-acts:focus-within{opacity:1}
@media (hover:none){.tl-row-acts{position:static;opacity:1}}
a.tl-row-act{display:inline-block}
.tl .tl-row-act{min-width:20px;height:18px;padding:0 4px;text-align:center;border-radius:3px;color:var(--tl-weak);font-size:11px;line-height:16px;vertical-align:middle}
.tl-row-act:hover{background:var(--tl-hover);color:var(--tl-max)}
.tl-block{margin:0;padding:5px 7px;max-height:280px;overflow:auto;background:var(--tl-sunken);border:1px solid var(--tl-border);border-radius:4px;white-space:pre-wrap;overflow-wrap:anywhere;color:inherit;line-height:16px}
.tl-frames{white-space:pre;tab-size:2;overflow-wrap:normal}
.tl-frame-head{font-weight:600;white-space:pre-wrap;overflow-wrap:anywhere}
.tl-exception{border:1px solid var(--tl-border2);border-left:3px solid var(--tl-error-fill);border-radius:4px;padding:5px 8px 7px;margin:2px 0 5px}
.tl-exception-type{color:var(--tl-error);overflow-wrap:anywhere}
.tl-exception-message,.tl-status-message{white-space:pre-wrap;overflow-wrap:anywhere;color:var(--tl-max)}
.tl-status-message{border-left:3px solid var(--tl-error-fill);padding:1px 8px}
.tl-stack-head{display:flex;align-items:baseline;gap:8px;min-height:20px}
.tl-events{list-style:none;margin:0;padding:0}
.tl-events li{display:flex;gap:10px;padding:3px 0;border-top:1px solid var(--tl-border)}
.tl-events li:first-child{border-top:0}
.tl-event-time{flex:none;width:78px;display:flex;flex-direction:column}
.tl .tl-drawer .tl-linked-row span:first-child{flex:1;min-width:0;white-space:normal;overflow-wrap:anywhere}
a.tl-linked-row{color:inherit;text-decoration:none}
a.tl-linked-row:hover{text-decoration:underline}
.tl-message{border-left:3px solid var(--tl-border2);padding:1px 0 3px 8px;margin:5px 0}
.tl-message.tl-answer{border-left-color:var(--tl-focus)}
.tl-said{white-space:pre-wrap;overflow-wrap:anywhere}
`;
