// A call of a language model by the conventions of gen_ai, today's and those before: what was
// said to it, what it said, and how many tokens that took.
import { numberOf, textOf, type Attribute } from './attribute';

export interface Message {
  /** user, assistant, system, tool, ... */
  role: string;
  /** Text, or what was called with what, or what it answered. */
  kind: 'text' | 'tool call' | 'tool answer';
  /** Of a tool. */
  name?: string;
  text: string;
}

export interface ModelCall {
  /** chat, execute_tool, ... */
  operation: string;
  model: string;
  tokensIn?: number;
  tokensOut?: number;
  /** Why it stopped. */
  finish: string;
  input: Message[];
  output: Message[];
}

interface EventLike {
  name: string;
  attributes: readonly Attribute[];
}

export function modelCallOf(attributes: readonly Attribute[], events: readonly EventLike[] = []): ModelCall | undefined {
  if (![...attributes, ...events.map(({ name }) => ({ key: name }))].some(({ key }) => key.startsWith('gen_ai.'))) {
    return undefined;
  }
  const everywhere = [...attributes, ...events.filter(({ name }) => name.startsWith('gen_ai.')).flatMap((e) => e.attributes)];
  return {
    operation: textOf(attributes, 'gen_ai.operation.name'),
    model: textOf(attributes, 'gen_ai.response.model', 'gen_ai.request.model'),
    tokensIn: numberOf(attributes, 'gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens'),
    tokensOut: numberOf(attributes, 'gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens'),
    finish: textOf(attributes, 'gen_ai.response.finish_reasons').replace(/^\["|"\]$/g, '').replace(/","/g, ', '),
    input: [
      ...messages(textOf(everywhere, 'gen_ai.system_instructions'), 'system'),
      ...messages(textOf(everywhere, 'gen_ai.input.messages', 'gen_ai.prompt'), 'user'),
      ...numbered(attributes, 'gen_ai.prompt', 'user'),
      ...events.flatMap(said),
      ...messages(textOf(attributes, 'gen_ai.tool.call.arguments'), 'tool', 'tool call'),
    ],
    output: [
      ...messages(textOf(everywhere, 'gen_ai.output.messages', 'gen_ai.completion'), 'assistant'),
      ...numbered(attributes, 'gen_ai.completion', 'assistant'),
      ...events.flatMap(answered),
      ...messages(textOf(attributes, 'gen_ai.tool.call.result'), 'tool', 'tool answer'),
    ],
  };
}

/** Attributes whose text is shown as messages. */
export const isMessage = ({ key }: Attribute): boolean =>
  /^gen_ai\.(?:system_instructions|input\.messages|output\.messages|prompt|completion|tool\.call\.(?:arguments|result))$|^gen_ai\.(?:prompt|completion)\.\d+\./.test(key);

// A JSON list of messages, one message, or a plain text.
function messages(text: string, role: string, kind: Message['kind'] = 'text'): Message[] {
  if (text === '') {
    return [];
  }
  const parsed = parse(text);
  if (kind === 'text' && parsed !== null && typeof parsed === 'object') {
    const read = (Array.isArray(parsed) ? parsed : [parsed]).flatMap((m) => messageOf(m, role));
    if (read.length > 0) {
      return read;
    }
  }
  return [{ role, kind, text: kind === 'text' ? text : pretty(text) }];
}

function messageOf(value: unknown, role: string): Message[] {
  if (typeof value === 'string') {
    return [{ role, kind: 'text', text: value }];
  }
  if (value === null || typeof value !== 'object') {
    return [];
  }
  const m = value as Record<string, unknown>;
  const who = typeof m.role === 'string' ? m.role : role;
  const parts = m.parts ?? m.content ?? (typeof m.type === 'string' ? [m] : m.message);
  const out: Message[] = typeof parts === 'string' ? [{ role: who, kind: 'text', text: parts }] : Array.isArray(parts) ? parts.flatMap((p) => partOf(p, who)) : messageOf(parts, who);
  return Array.isArray(m.tool_calls) ? [...out, ...m.tool_calls.flatMap((p) => partOf({ type: 'tool_call', ...(p?.function ?? {}), ...p }, who))] : out;
}

function partOf(part: unknown, role: string): Message[] {
  if (part === null || typeof part !== 'object') {
    return typeof part === 'string' ? [{ role, kind: 'text', text: part }] : [];
  }
  const p = part as Record<string, unknown>;
  const name = typeof p.name === 'string' ? { name: p.name } : {};
  switch (p.type) {
    case 'tool_call':
    case 'tool_use':
    case 'function':
      return [{ role, kind: 'tool call', ...name, text: pretty(p.arguments ?? p.input ?? {}) }];
    case 'tool_call_response':
    case 'tool_result':
      return [{ role, kind: 'tool answer', ...name, text: pretty(p.response ?? p.result ?? p.content ?? '') }];
  }
  const text = p.content ?? p.text;
  return [{ role, kind: 'text', text: typeof text === 'string' ? text : pretty(p) }];
}

// gen_ai.prompt.0.role, gen_ai.prompt.0.content, ...
function numbered(attributes: readonly Attribute[], prefix: string, role: string): Message[] {
  const found: Message[] = [];
  for (let k = 0; found.length === k; k++) {
    const text = textOf(attributes, `${prefix}.${k}.content`);
    const call = textOf(attributes, `${prefix}.${k}.tool_calls.0.name`);
    if (text === '' && call === '') {
      break;
    }
    const who = textOf(attributes, `${prefix}.${k}.role`) || role;
    found.push(text !== '' ? { role: who, kind: 'text', text } : { role: who, kind: 'tool call', name: call, text: pretty(textOf(attributes, `${prefix}.${k}.tool_calls.0.arguments`)) });
  }
  return found;
}

const EVENT = /^gen_ai\.(user|system|assistant|tool)\.message$/;

function said({ name, attributes }: EventLike): Message[] {
  const role = EVENT.exec(name)?.[1];
  return role ? messages(textOf(attributes, 'content', 'gen_ai.event.content', 'body'), role) : [];
}

const answered = ({ name, attributes }: EventLike): Message[] => (name === 'gen_ai.choice' ? messages(textOf(attributes, 'message', 'content', 'gen_ai.event.content', 'body'), 'assistant') : []);

function parse(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function pretty(value: unknown): string {
  const parsed = typeof value === 'string' ? (parse(value) ?? value) : value;
  return typeof parsed === 'string' ? parsed : JSON.stringify(parsed, null, 2);
}
