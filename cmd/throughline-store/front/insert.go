package front

import (
	"fmt"
	"io"
	"net/http"
	"sync"
)

var buffers = sync.Pool{New: func() any { b := make([]byte, 1<<20); return &b }}

// insert streams the data into the engine. A body that ends early or is too large leaves
// no rows.
func (s *Server) insert(w http.ResponseWriter, r *http.Request, c *lease, st *statement) {
	sql, format := st.sql, "Values"
	if m := formatClause.FindStringSubmatchIndex(sql); m != nil {
		sql, format = sql[:m[0]], sql[m[2]:m[3]]
	}
	token := r.URL.Query().Has("insert_deduplication_token")
	if token && s.options.Noting != nil {
		s.options.Noting()
	}
	ins, err := c.conn.Insert(st.tag+sql, format)
	if err != nil {
		s.fail(w, err)
		return
	}
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	// The wrapper hides other methods of the body, so that the buffer is used.
	n, err := io.CopyBuffer(ins, struct{ io.Reader }{st.data}, *buf)
	if err == nil && n == s.options.MaxInsert {
		err = &http.MaxBytesError{Limit: n}
	}
	if err == nil {
		err = r.Context().Err()
	}
	if err != nil {
		ins.Cancel()
		s.fail(w, fmt.Errorf("read the insert's data, nothing of it is stored: %w", err))
		return
	}
	res, err := ins.Done()
	if err != nil {
		s.fail(w, err)
		return
	}
	defer res.Free()
	if token && s.options.Noted != nil {
		if err := s.options.Noted(); err != nil {
			s.fail(w, fmt.Errorf("note the insert's token: %w", err))
			return
		}
	}
	rows, bytes := res.Written()
	w.Header().Set("X-ClickHouse-Summary", fmt.Sprintf(`{"written_rows":"%d","written_bytes":"%d"}`, rows, bytes))
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusOK)
}
