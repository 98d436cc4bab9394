// What went wrong, as instrumentations tell it: an event named exception, or the attributes of
// the span itself.
import { textOf, type Attribute } from './attribute';
import { readStack, type StackPart } from './stack';

export interface Exception {
  type: string;
  message: string;
  /** As it was sent; '' for none. */
  stack: string;
  parts: StackPart[];
  /** It left the span: nobody in it caught it. */
  escaped: boolean;
}

const KEYS = ['exception.type', 'exception.message', 'exception.stacktrace'];

/** The exception that attributes tell of, if they do. */
export function exceptionOf(attributes: readonly Attribute[], code: readonly string[] = []): Exception | undefined {
  const [type, message, stack] = KEYS.map((key) => textOf(attributes, key));
  if (type === '' && message === '' && stack === '') {
    return undefined;
  }
  return { type, message, stack, parts: stack === '' ? [] : readStack(stack, { code }), escaped: textOf(attributes, 'exception.escaped') === 'true' };
}

/** Packages of the service's own code, as its spans name them. */
export const codeOf = (attributes: readonly Attribute[]): string[] => ['code.namespace', 'code.function.name'].map((key) => textOf(attributes, key)).filter(Boolean);

export const isOfException = ({ key }: Attribute): boolean => key.startsWith('exception.');
