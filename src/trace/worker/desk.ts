// Answers what is asked of traces that were read: in a worker, or on a page that has none.
import { analyse, type Analysis } from '../analysis';
import { Arranger, columnsOf } from '../arrange';
import { readTrace } from '../frame';
import { bare } from './handover';
import type { Answers, Kind, Question } from './messages';

interface OnTheDesk {
  analysis: Analysis;
  arranger: Arranger;
}

export class Desk {
  private readonly traces = new Map<number, OnTheDesk>();

  answer(question: Question): Answers[Kind] {
    switch (question.kind) {
      case 'read':
        return bare(this.put(question.trace, analyse(readTrace(question.frame, question.clocks))));
      case 'arrange': {
        const { analysis, arranger } = this.of(question.trace);
        const { start, end, ...arrangement } = arranger.arrange(question.options);
        return start === analysis.trace.start ? arrangement : { ...arrangement, start, end };
      }
    }
  }

  put(trace: number, analysis: Analysis): Analysis {
    this.traces.set(trace, { analysis, arranger: new Arranger(columnsOf(analysis)) });
    return analysis;
  }

  forget(trace: number): void {
    this.traces.delete(trace);
  }

  private of(trace: number): OnTheDesk {
    const found = this.traces.get(trace);
    if (!found) {
      throw new Error('this trace was not read yet');
    }
    return found;
  }
}
