// Package causality tells which request of a process caused which of its calls.
//
// A passage is one request's way through a process: it begins when the header of a request has been
// read, and ends with its answer, or later where that is known. Package sys says what happens, in this
// order: a request was read (Begin), bytes go out (Claim, before they are looked at), what went out
// begins a call (Take), an answer begins (Answering), a request is over (End), a connection is (Gone).
//
// Each rule is a file of its own, with its evidence, its gate (of which programs it is true), what its word
// is worth (span.PassageRule) and its test. The first rule that has an answer gives it; one that can tell only
// when the request is answered has a Strand stand for the passage until then.
package causality
