import React from 'react';
import { t } from '../../language/t';
import type { Message, ModelCall } from '../../trace/details/modelCall';
import { formatCount } from '../../trace/format';
import { CopyButton } from './CopyButton';
import { Text } from './Value';

/** What was said to a model, and what it said. */
export function ModelCallSection({ call }: { call: ModelCall }) {
  const tokens = [
    call.tokensIn !== undefined && t('model.tokens-in', '{{n}} tokens in', { n: formatCount(call.tokensIn) }),
    call.tokensOut !== undefined && t('model.tokens-out', '{{n}} tokens out', { n: formatCount(call.tokensOut) }),
  ].filter(Boolean);
  return (
    <section data-testid="model-call">
      <h5>{call.operation === 'execute_tool' ? t('model.tool', 'Tool') : t('model.model', 'Model')}</h5>
      <div>
        <b>{call.model || call.operation}</b>{' '}
        {tokens.length > 0 && <span className="tl-dim">{tokens.join(', ')}</span>}{' '}
        {call.finish && <span className="tl-dim">· {t('model.ended', 'ended by {{reason}}', { reason: call.finish })}</span>}
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
        <CopyButton text={text} what={t('model.message', 'message of {{role}}', { role })} />
      </div>
      <div className="tl-said">
        <Text text={text} block={kind !== 'text'} name={t('model.kind', '{{kind}} of {{role}}', { kind, role })} />
      </div>
    </div>
  );
}
