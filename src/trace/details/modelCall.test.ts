import { expect, it } from 'vitest';
import { exceptionOf } from './exception';
import { modelCallOf } from './modelCall';

const list = (record: Record<string, unknown>) => Object.entries(record).map(([key, value]) => ({ key, value }));

it('is none where nothing is of a model', () => expect(modelCallOf(list({ 'db.system': 'mysql' }), [{ name: 'retry', attributes: [] }])).toBeUndefined());

it('reads messages as today’s conventions have them', () => {
  const call = modelCallOf(
    list({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.model': 'gpt-4o-2024-11-20',
      'gen_ai.usage.input_tokens': 1830,
      'gen_ai.usage.output_tokens': '120',
      'gen_ai.response.finish_reasons': ['stop', 'length'],
      'gen_ai.system_instructions': '[{"type":"text","content":"Be short."}]',
      'gen_ai.input.messages': JSON.stringify([
        { role: 'user', parts: [{ type: 'text', content: 'Weather\nin Rome?' }] },
        { role: 'assistant', parts: [{ type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Rome' } }] },
        { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: 'rain' }] },
      ]),
      'gen_ai.output.messages': '[{"role":"assistant","content":"Rain."}]',
    })
  );
  expect(call).toEqual({
    operation: 'chat',
    model: 'gpt-4o-2024-11-20',
    tokensIn: 1830,
    tokensOut: 120,
    finish: 'stop, length',
    input: [
      { role: 'system', kind: 'text', text: 'Be short.' },
      { role: 'user', kind: 'text', text: 'Weather\nin Rome?' },
      { role: 'assistant', kind: 'tool call', name: 'weather', text: '{\n  "city": "Rome"\n}' },
      { role: 'tool', kind: 'tool answer', text: 'rain' },
    ],
    output: [{ role: 'assistant', kind: 'text', text: 'Rain.' }],
  });
});

it.each([
  ['numbered attributes', { 'gen_ai.prompt.0.role': 'system', 'gen_ai.prompt.0.content': 'Hi', 'gen_ai.prompt.1.content': 'there', 'gen_ai.completion.0.content': 'Yes' }, []],
  ['plain texts', { 'gen_ai.system_instructions': 'Hi', 'gen_ai.prompt': 'there', 'gen_ai.completion': 'Yes' }, []],
  ['events', { 'gen_ai.system': 'openai' }, [['gen_ai.system.message', { content: 'Hi' }], ['gen_ai.user.message', { content: 'there' }], ['gen_ai.choice', { message: '{"role":"assistant","content":"Yes"}' }]]],
] as Array<[string, Record<string, unknown>, Array<[string, Record<string, unknown>]>]>)('reads messages of %s', (_, attributes, events) => {
  const call = modelCallOf(
    list(attributes),
    events.map(([name, of]) => ({ name, attributes: list(of) }))
  )!;
  expect([...call.input, ...call.output].map((m) => [m.role, m.text])).toEqual([['system', 'Hi'], ['user', 'there'], ['assistant', 'Yes']]);
});

it('reads calls of tools as the API of OpenAI has them', () => {
  const text = JSON.stringify([{ role: 'assistant', content: null, tool_calls: [{ id: '1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }] }]);
  expect(modelCallOf(list({ 'gen_ai.output.messages': text }))!.output).toEqual([{ role: 'assistant', kind: 'tool call', name: 'f', text: '{\n  "a": 1\n}' }]);
});

it.each(['[', '[1]', '[null]', '{"role":7}', '"x"', '[{"parts":[[],3,{"type":"image"}]}]'])('shows %s, which is no list of messages', (text) => {
  const { input } = modelCallOf(list({ 'gen_ai.input.messages': text }))!;
  expect(input.length).toBeGreaterThan(0);
});

it('reads an exception with its causes', () => {
  const e = exceptionOf(list({ 'exception.type': 'E', 'exception.message': 'bad', 'exception.stacktrace': 'E: bad\n\tat com.acme.A.b(A.java:1)\nCaused by: F\n\tat java.lang.X.y(X.java:2)', 'exception.escaped': false }))!;
  expect([e.type, e.message, e.escaped, e.parts.map((p) => p.head)]).toEqual(['E', 'bad', false, ['E: bad', 'Caused by: F']]);
  expect(exceptionOf(list({ a: 1 }))).toBeUndefined();
});
