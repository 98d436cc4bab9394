/** Outcomes (span.Status) of requests that nobody answered, as far as anybody saw. */
const NO_ANSWER = new Set(['timeout', 'reset', 'closed', 'unanswered']);

/** Whether a request was not over when it was reported: it comes again, as the same span, when it is. */
export const isOpen = (status: string): boolean => status === 'open';

/** Whether a request's outcome is that no answer came. */
export const hasNoAnswer = (status: string): boolean => NO_ANSWER.has(status);
