// Answers what is asked of traces that were read: in a worker, or on a page that has none.
import { analyse, type Analysis } from '../analysis';
import { Arranger, columnsOf } from '../arrange';
import { asUsual, type Usual } from '../asUsual';
import type { Compared } from '../compare';
import { compareAll } from '../compareAll';
import { ComparedLayout } from '../compareLayout';
import { readTrace } from '../frame';
import { bare } from './handover';
import type { Answers, Kind, Question, There } from './messages';

interface OnTheDesk {
  analysis: Analysis;
  arranger: Arranger;
  usual?: Usual | null;
}

/** The comparison that was asked for last: it is laid out as often as the panel's size changes. */
interface Pair {
  there: Analysis;
  here: Analysis;
  compared: Compared;
  layout: ComparedLayout;
}

export class Desk {
  private readonly traces = new Map<number, OnTheDesk>();
  private pair: Pair | null = null;

  answer(question: Question): Answers[Kind] {
    switch (question.kind) {
      case 'read':
        return bare(this.put(question.trace, analyse(readTrace(question.frame, question.clocks))));
      case 'arrange': {
        const { analysis, arranger } = this.of(question.trace);
        const { start, end, ...arrangement } = arranger.arrange(question.options);
        return start === analysis.trace.start ? arrangement : { ...arrangement, start, end };
      }
      case 'usual': {
        const usual = this.usualOf(question.trace);
        return usual && { ...usual, analysis: bare(usual.analysis) };
      }
      case 'compare':
        return this.compare(question.there, question.here).compared;
      case 'place':
        return this.compare(question.there, question.here).layout.place(question.options);
    }
  }

  put(trace: number, analysis: Analysis): Analysis {
    this.traces.set(trace, { analysis, arranger: new Arranger(columnsOf(analysis)) });
    return analysis;
  }

  forget(trace: number): void {
    const gone = this.traces.get(trace);
    this.traces.delete(trace);
    if (this.pair && (this.pair.here === gone?.analysis || this.pair.there === gone?.analysis)) {
      this.pair = null;
    }
  }

  private usualOf(trace: number): Usual | null {
    const on = this.of(trace);
    on.usual ??= asUsual(on.analysis);
    return on.usual;
  }

  private compare(there: There, trace: number): Pair {
    const here = this.of(trace).analysis;
    const other = there === 'usual' ? this.usualOf(trace)?.analysis : this.of(there).analysis;
    if (!other) {
      throw new Error('no medians are known of this trace');
    }
    if (this.pair && this.pair.there === other && this.pair.here === here) {
      return this.pair;
    }
    const compared = compareAll(other, here);
    return (this.pair = { there: other, here, compared, layout: new ComparedLayout([other, here], compared.comparison) });
  }

  private of(trace: number): OnTheDesk {
    const found = this.traces.get(trace);
    if (!found) {
      throw new Error('this trace was not read yet');
    }
    return found;
  }
}
