package ingest

import (
	"context"
	"iter"
)

// Log is where pushes lie from their acknowledgement until the store has them: records on
// disk, in segments, each of which becomes one insert.
type Log interface {
	// Append returns when the record is on disk, with the number of its segment. An error says
	// that it is not, and that the same may succeed later: the log is full, the disk is.
	Append(ctx context.Context, rows int, record []byte) (segment uint64, err error)
	// Seal ends the segment that takes records: all that was appended before lies in sealed ones.
	Seal(ctx context.Context) error
	// Next waits for the oldest sealed segment that is not done.
	Next(ctx context.Context) (Segment, error)
	// Waiting is how many segments are not done.
	Waiting() int
	// Remember keeps what is to be known at the next start beside the log, in place of what it
	// kept before.
	Remember(data []byte) error
}

// Segment is records in the order they were appended.
type Segment interface {
	Number() uint64
	// Token names the segment among those of all servers, the same after a restart.
	Token() string
	Records() iter.Seq2[[]byte, error]
	// Done removes the segment: the store has it.
	Done() error
	// SetAside keeps a record that the store will never take where somebody can look at it.
	SetAside(number int, record []byte, why string) error
}
