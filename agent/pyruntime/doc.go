// Package pyruntime finds where a running Python keeps the context (PEP 567) that its first thread is in. Each task of an
// event loop has one of its own, so that it tells which task makes a system call. Layouts differ by version and build; what is
// looked for is known by what it points to instead, and is not found at all where that is not as it must be.
package pyruntime
