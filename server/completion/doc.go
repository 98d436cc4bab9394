// Package completion finds what agents saw of a trace whose code another APM instrumented. The APM
// hands in its APP spans, which need not be stored here; the SYS and NET spans that belong to them
// are looked up and assembled with them, and come back with the parents of all.
//
// An APM may hand in little: ids, kinds and times. Where its spans ran is then taken from the
// requests that carry their ids, as agents saw them (placing.go), and so is what a process was
// serving when its first span began (serving.go).
package completion
