import React from 'react';
import type { Message, ModelCall } from '../../trace/details/modelCall';
import { formatCount } from '../../trace/format';
import { CopyButton } from './CopyButton';
import { Text } from './Value';

/** What was said to a model, and what it said. */
export function ModelCallSection({ call }: { call: ModelCall }) {
  const tokens = [
    [call.tokensIn, 'in'],
    [call.tokensOut, 'out'],
  ].filter(([n]) => n !== undefined) as Array<[number, string]>;
  return (
    <section data-testid="model-call">
      <h5>{call.operation === 'execute_tool' ? 'Tool' : 'Model'}</h5>
      <div>
        <b>{call.model || call.operation}</b>{' '}
        {tokens.length > 0 && <span className="tl-dim">{tokens.map(([n, way]) => `${formatCount(n)} tokens ${way}`).join(', ')}</span>}{' '}
        {call.finish && <span className="tl-dim">· ended by {call.finish}</span>}
      </div>
      {[...call.input, ...call.output].map((m, k) => (
        <MessageBlock key={k} message={m} answer={k >= call.input.length} />
      ))}
    </section>
  );
}

function MessageBlock({ message, answer }: { message: Message; answer: boolean }) {
  const { role, kind, name, text } = message;
  return (
    <div className={answer ? 'tl-message tl-answer' : 'tl-message'}>
      <div className="tl-stack-head">
        <b>{role}</b>
        {kind !== 'text' && (
          <span className="tl-dim">
            {kind} {name}
          </span>
        )}
        <span className="tl-grow" />
        <CopyButton text={text} what={`message of ${role}`} />
      </div>
      <div className="tl-said">
        <Text text={text} block={kind !== 'text'} name={`${kind} of ${role}`} />
      </div>
    </div>
  );
}
