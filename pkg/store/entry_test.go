package store

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// An id of 16 digits is ours, then a trace's, then OpenTelemetry's, whether it names a minute of now or
// one that only chance or a wrong clock names.
func TestAnIDIsTakenForTheFirstThatItMayBe(t *testing.T) {
	t.Parallel()
	now := time.Now().UnixNano()
	// (What is too old is not kept.)
	for name, minuteOf := range map[string]int64{"now": now, "long to come": now + 20*365*24*60*minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			id := span.NewID(minuteOf, 7)
			var digits span.SpanID
			binary.BigEndian.PutUint64(digits[:], id)
			ours, code, unasked := app(1, traceID(1), 1), app(2, traceID(2), 2), app(3, traceID(3), 3)
			ours.ID, ours.Start = id, minuteOf
			code.SpanID, code.Start = digits, now
			unasked.Start = now
			text := span.FormatID(id)

			insert(t, s, batch(code, unasked))
			if d := trace(t, s, text); len(d.Spans) != 1 || d.Spans[0].TraceID != traceID(2) {
				t.Errorf("OpenTelemetry's alone: %+v", d.Spans)
			}
			short := app(4, span.TraceID{}, 4)
			copy(short.TraceID[8:], digits[:])
			short.Start = now
			insert(t, s, batch(short))
			if d := trace(t, s, text); len(d.Spans) != 1 || d.Spans[0].TraceID != short.TraceID {
				t.Errorf("a trace's of 64 bits beside it: %+v", d.Spans)
			}
			insert(t, s, batch(ours))
			if d := trace(t, s, text); len(d.Spans) != 1 || d.Spans[0].TraceID != traceID(1) {
				t.Errorf("ours beside them: %+v", d.Spans)
			}
		})
	}
}
