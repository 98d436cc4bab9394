package front

import (
	"cmp"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/ClickHouse/ch-go/compress"

	"github.com/throughline-io/throughline/cmd/throughline-store/libchdb"
)

// statement is a request understood.
type statement struct {
	id       string // of the query, as the client sees it
	tag      string // comment in front of the text, by which KILL QUERY finds it: the library does not let us choose its query_id
	sql      string
	format   string
	database string
	settings map[string]string
	params   []libchdb.Param
	revision string    // client_protocol_version
	compress bool      // answer in ClickHouse's own compressed frames
	data     io.Reader // the data of an INSERT; nil for any other statement
}

// reserved are URL parameters of the HTTP interface that are not settings.
var reserved = map[string]bool{
	"query": true, "database": true, "default_format": true, "query_id": true, "compress": true, "decompress": true,
	"session_id": true, "session_timeout": true, "session_check": true, "user": true, "password": true, "quota_key": true,
	"buffer_size": true, "wait_end_of_query": true, "client_protocol_version": true, "stacktrace": true, "role": true,
	"enable_http_compression": true, "http_zlib_compression_level": true, "close_session": true,
}

var (
	identifier     = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	isInsert       = regexp.MustCompile(`(?is)^\s*insert\s+into\b`)
	formatClause   = regexp.MustCompile(`(?is)\bformat\s+([A-Za-z0-9_]+)\s*;?\s*$`)
	selectOrValues = regexp.MustCompile(`(?is)\b(select|values|with)\b`)
)

func (s *Server) statement(w http.ResponseWriter, r *http.Request) (*statement, error) {
	q := r.URL.Query()
	serial := s.serial.Add(1)
	st := &statement{
		id:       cmp.Or(q.Get("query_id"), fmt.Sprintf("throughline-%d", serial)),
		tag:      fmt.Sprintf("/* throughline:%d */ ", serial),
		sql:      q.Get("query"),
		format:   cmp.Or(q.Get("default_format"), r.Header.Get("X-ClickHouse-Format"), "TabSeparated"),
		database: cmp.Or(q.Get("database"), r.Header.Get("X-ClickHouse-Database"), "default"),
		settings: map[string]string{},
		revision: q.Get("client_protocol_version"),
		compress: q.Get("compress") == "1",
	}
	for name, v := range q {
		if param, ok := strings.CutPrefix(name, "param_"); ok {
			st.params = append(st.params, libchdb.Param{Name: param, Value: v[0]})
		} else if !reserved[name] && identifier.MatchString(name) {
			st.settings[name] = v[0]
		}
	}
	r.Body = http.MaxBytesReader(w, r.Body, s.options.MaxInsert)
	body, err := decodedBody(r, q.Get("decompress") == "1")
	if err != nil {
		return nil, err
	}
	if st.sql != "" && isInsert.MatchString(st.sql) && (formatClause.MatchString(st.sql) || !selectOrValues.MatchString(st.sql)) {
		st.data = io.LimitReader(body, s.options.MaxInsert) // the limit again, behind the decompression
		return st, nil
	}
	text, err := io.ReadAll(io.LimitReader(body, s.options.MaxStatement+1))
	if err != nil {
		return nil, fmt.Errorf("read the statement: %w", err)
	}
	if int64(len(text)+len(st.sql)) > s.options.MaxStatement {
		return nil, fmt.Errorf("Code: 307. DB::Exception: the statement is larger than %d bytes. (TOO_MANY_BYTES)", s.options.MaxStatement)
	}
	if st.sql != "" && len(text) > 0 {
		st.sql += "\n"
	}
	st.sql += string(text)
	if m := formatClause.FindStringSubmatch(st.sql); m != nil && !isInsert.MatchString(st.sql) {
		st.format = m[1]
	}
	return st, nil
}

func decodedBody(r *http.Request, blocks bool) (io.Reader, error) {
	var body io.Reader = r.Body
	var err error
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		body, err = gzip.NewReader(body)
	case "deflate":
		body, err = zlib.NewReader(body)
	default:
		// clickhouse-go names lz4 and zstd here and sends ClickHouse's own frames.
		if !blocks {
			err = fmt.Errorf("Code: 48. DB::Exception: content encoding %q is not supported: use gzip, deflate or ClickHouse's compressed frames. (NOT_IMPLEMENTED)", encoding)
		}
	}
	if err == nil && blocks {
		body = plainEOF{compress.NewReader(body)}
	}
	return body, err
}

// plainEOF undoes ch-go's wrapping of the end of its input.
type plainEOF struct{ r io.Reader }

func (p plainEOF) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}
