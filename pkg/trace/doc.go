// Package trace turns any set of spans into a tree. It is pure: no input or output, no
// clock, no state; the same spans give the same tree in whatever order they come.
//
// Every link from a span to its parent names the rule that made it, the values that prove
// it and how sure it is:
//
//   - proven: ids, TCP sequence numbers, socket pairs;
//   - causal: an observed execution (one goroutine, a hand-off that was seen);
//   - inferred: time and containment.
//
// The rules, strongest first:
//
//  1. hop chain: all spans of one session share a pair of TCP sequence numbers and are
//     ordered by observation point. Clocks of nodes never cut a chain (chain.go).
//  2. proxy: several chains that carry one span id are ordered by their way through the
//     proxy that passed the trace context on (proxy.go).
//  3. trace context: a chain hangs under the APP span whose id it carries, and the callee's
//     APP spans hang under the chain (context.go).
//  4. server root: a SERVER span without parent belongs to the session of its connection
//     in which it starts (root.go).
//  5. passage: a call without trace context belongs to the request its process was
//     serving, and there to the deepest APP span that covers its first write (passage.go).
//  6. parent span id: APP under APP, as instrumented (context.go).
//
// What only time or a shared trace id speaks for is offered as a weak link and never
// becomes a parent. A zero or empty value matches nothing. When spans are missing, a span
// hangs under the nearest ancestor that is still there, or it is an orphan and says why.
package trace
