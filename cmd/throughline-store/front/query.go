package front

import (
	"fmt"
	"io"
	"net/http"
	"regexp"

	"github.com/ClickHouse/ch-go/compress"
)

// canStream: DESCRIBE, SHOW and the like do not.
var canStream = regexp.MustCompile(`(?is)^\s*(select|with|from|\()`)

func (s *Server) query(w http.ResponseWriter, r *http.Request, c *lease, st *statement) {
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-done:
		case <-r.Context().Done():
			s.abandon(st, done)
		}
	}()
	if !canStream.MatchString(st.sql) {
		res, err := c.conn.Query(st.tag+st.sql, st.format, st.params...)
		if err != nil {
			c.close() // chDB keeps what the statement had written, and would begin the next answer with it
			s.fail(w, err)
			return
		}
		defer res.Free()
		rows, bytes := res.Read()
		w.Header().Set("X-ClickHouse-Summary", fmt.Sprintf(`{"read_rows":"%d","read_bytes":"%d"}`, rows, bytes))
		if len(res.Bytes()) == 0 {
			w.Header().Set("Content-Length", "0")
		}
		_ = writeBlock(w, res.Bytes(), st.compress) // the client went away
		return
	}
	stream, err := c.conn.Stream(st.tag+st.sql, st.format, st.params...)
	if err != nil {
		s.fail(w, err)
		return
	}
	whole := false
	defer func() {
		stream.Close()
		if !whole { // chDB keeps the statement, and the memory it took, until its connection is used again
			c.close()
		}
	}()
	for started := false; ; started = true {
		res, err := stream.Next()
		switch {
		case err != nil && !started:
			s.fail(w, err)
			return
		case err != nil:
			io.WriteString(w, midStreamError(err))
			return
		case res == nil:
			if whole = true; !started {
				w.Header().Set("Content-Length", "0")
			}
			return
		}
		err = writeBlock(w, res.Bytes(), st.compress)
		res.Free()
		if err != nil || r.Context().Err() != nil {
			return
		}
	}
}

// frameSize is how much of an answer goes into one compressed frame, as on a server.
const frameSize = 1 << 20

func writeBlock(w io.Writer, b []byte, compressed bool) error {
	if !compressed {
		_, err := w.Write(b)
		return err
	}
	c := compress.NewWriter(compress.LevelZero, compress.LZ4)
	for len(b) > 0 {
		n := min(len(b), frameSize)
		if err := c.Compress(b[:n]); err != nil {
			return err
		}
		if _, err := w.Write(c.Data); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}
