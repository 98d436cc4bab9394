// Why a span hangs where it hangs: the rule, what was equal, how sure that is and how often it was right.
import React from 'react';
import { t } from '../../language/t';
import { clip } from '../../trace/clip';
import { formatCount } from '../../trace/format';
import { labelOf } from '../../trace/label';
import { Confidence } from '../../trace/model';
import type { Trace } from '../../trace/model';
import { parseReason } from '../../trace/reason';
import { Badge } from '../Badge';
import { useTrace } from '../context';
import { LinkPill } from '../Tooltip';

const howWrong = (confidence: Confidence): string =>
  confidence === Confidence.Inferred
    ? t('drawer.inferred', 'No id travels between the two spans. The link follows from time and from who ran; it is wrong only if something else ran there in between.')
    : confidence === Confidence.Causal
      ? t('drawer.causal', 'No id travels between the two spans; the execution that leads from one to the other was observed.')
      : '';

/** How often links of this rule were right on programs whose truth is known; empty where it was not measured. */
function measuredOf(trace: Trace, row: number): string {
  const m = trace.meta.measured.get(trace.text.rule[row]);
  const all = m ? m.right + m.wrong : 0;
  return m && all > 0
    ? t('drawer.measured', 'Measured on programs whose truth is known: {{right}} of {{all}} links of this rule were right ({{percent}} %).', {
        right: formatCount(m.right),
        all: formatCount(all),
        percent: percentOf(m.right, all),
      })
    : '';
}

/** Never says 100 of what is not all. */
const percentOf = (n: number, all: number): string => (n === all ? '100' : Math.min((100 * n) / all, 99.99).toFixed(2));

export function LinkSection({ row }: { row: number }) {
  const { analysis, select } = useTrace();
  const { trace } = analysis;
  const parent = trace.parent[row];
  const confidence = trace.confidence[row] as Confidence;
  const reason = parseReason(parent < 0 ? trace.text.orphan[row] : trace.text.reason[row]);
  const right = parent < 0 ? '' : measuredOf(trace, row);
  const kind = ['', 'tl-proven', 'tl-causal', 'tl-inferred', 'tl-none'][confidence];
  return (
    <section>
      <h5>{t('drawer.why', 'Why this parent')}</h5>
      <div className={`tl-proof ${kind}`} data-testid="link">
        <div>
          <LinkPill row={row} /> {trace.text.rule[row]}
        </div>
        {parent >= 0 && (
          <div style={{ margin: '4px 0' }}>
            {t('drawer.under', 'under')}{' '}
            <button className="tl-link" style={{ whiteSpace: 'normal' }} title={labelOf(trace, parent)} onClick={() => select(parent, true)}>
              <Badge row={parent} />
              {clip(labelOf(trace, parent))}
            </button>
          </div>
        )}
        {reason.words && <div>{reason.words}</div>}
        {reason.values.length > 0 && (
          <div className="tl-values tl-mono">
            {reason.values.map(([name, value]) => (
              <React.Fragment key={name}>
                <span>{name}</span>
                <span>{value}</span>
              </React.Fragment>
            ))}
          </div>
        )}
        {howWrong(confidence) && (
          <div className="tl-dim" style={{ marginTop: 4 }}>
            {howWrong(confidence)}
            {right && <div data-testid="measured">{right}</div>}
          </div>
        )}
      </div>
    </section>
  );
}
