package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"

	"github.com/ClickHouse/ch-go/proto"
)

// revision is that of the Native format over HTTP when a client asks for none: no block
// headers, no custom serialisation.
const revision = 0

// fastRead are settings that make small reads by key cheaper: planning is most of such a
// read, and skip indexes cannot help.
var fastRead = params{"max_threads": "1", "use_skip_indexes": "0"}

// read runs a statement and decodes its blocks into columns; each is called for every
// block. Settings that the store's user may not set are left out.
func (s *Store) read(ctx context.Context, sql string, p, settings params, columns proto.Results, each func(rows int) error) error {
	r := request{database: s.config.Database, sql: sql, params: p, settings: maps.Clone(settings)}
	if s.settings.refused.Load() {
		r.settings = nil
	}
	if r.settings == nil {
		r.settings = params{}
	}
	r.settings["default_format"] = "Native"
	resp, err := s.do(ctx, r)
	if code(err) == 164 && len(r.settings) > 1 { // READONLY: cannot modify a setting
		s.settings.refused.Store(true)
		r.settings = params{"default_format": "Native"}
		resp, err = s.do(ctx, r)
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	tail := &tailReader{r: resp.Body}
	return tail.explain(decodeBlocks(tail, columns, each))
}

func decodeBlocks(from io.Reader, columns proto.Results, each func(rows int) error) (err error) {
	defer func() {
		// ch-go trusts sizes in places; what a server sends must not end the process.
		if p := recover(); p != nil {
			err = fmt.Errorf("decode the store's answer: %v", p)
		}
	}()
	r := proto.NewReader(from)
	for {
		var b proto.Block
		switch err := b.DecodeRawBlock(r, revision, columns); {
		case errors.Is(err, io.EOF) && b.Columns == 0 && !errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return fmt.Errorf("decode the store's answer: %w", err)
		}
		if b.Rows == 0 {
			continue
		}
		if err := each(b.Rows); err != nil {
			return err
		}
	}
}

// tailReader keeps the last bytes it read: where decoding fails they may hold the error
// that the store met on the way.
type tailReader struct {
	r    io.Reader
	tail []byte
}

const tailSize = 32 << 10

func (t *tailReader) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if n >= tailSize {
		t.tail = append(t.tail[:0], p[n-tailSize:n]...)
	} else if n > 0 {
		if over := len(t.tail) + n - tailSize; over > 0 {
			t.tail = append(t.tail[:0], t.tail[min(over, len(t.tail)):]...)
		}
		t.tail = append(t.tail, p[:n]...)
	}
	return n, err
}

func (t *tailReader) explain(err error) error {
	if err == nil && !bytes.Contains(t.tail, []byte("__exception__")) {
		return nil
	}
	_, _ = io.CopyN(io.Discard, t, 64<<10) // the rest of the message; what fails here says less
	if streamed := streamedError(t.tail); streamed != nil {
		return streamed
	}
	return err
}
