// Package spool is a log on disk in front of a slower consumer: who appends a record is
// answered when it is durable, and the consumer takes what was appended in large segments,
// later, in order.
//
// A record is opaque bytes and a count of rows. Append copies it into the group that is being
// gathered and returns after the group's fdatasync; who comes while one group is written
// shares the next. Groups go to the open segment, a file. It is sealed by bytes, rows, age or
// on demand, and Next hands sealed segments to the consumer, oldest first. Done deletes a
// segment; until then it is given again after every restart, under the same ID, so that a
// consumer whose store drops repeated insert tokens stores each record once.
//
// The promises, each held by a test:
//
//   - A record whose Append returned nil survives kill -9 and loss of power.
//   - No byte that was not appended is ever read: frames carry checksums that are seeded with
//     the segment's random ID and the frame's offset.
//   - What is damaged is counted, costs no sound record, and stays in aside/ for a look.
//   - The folder has at most MaxBytes of segments and AsideBytes of aside/; memory has two
//     groups and one window per reader.
//   - A full disk refuses and recovers by itself. A disk that fails or is read-only is never
//     acknowledged to, and never trusted again before a restart.
package spool
