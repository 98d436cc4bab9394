// Package nativefront speaks ClickHouse's native protocol in front of an HTTP interface, for
// tests: the embedded engine has only that. It stands for a server's handshake, queries with
// parameters and settings, blocks, exceptions and cancelling; what a real server does besides
// (progress, logs, compression, sparse columns) it does not.
package nativefront

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/ClickHouse/ch-go/proto"
)

// Front is a listening front.
type Front struct {
	options  Options
	listener net.Listener
	stop     context.CancelFunc
	done     sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]bool
	asked int
}

// Options say what a front stands in front of.
type Options struct {
	URL       string            // of the HTTP interface
	Transport http.RoundTripper // to it; nil: the network
	TLS       *tls.Config       // what clients speak; nil: no TLS
}

// Listen starts a front.
func Listen(o Options) (*Front, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	if o.TLS != nil {
		l = tls.NewListener(l, o.TLS)
	}
	ctx, stop := context.WithCancel(context.Background())
	f := &Front{options: o, listener: l, stop: stop, conns: map[net.Conn]bool{}}
	f.done.Go(func() { f.serve(ctx) })
	return f, nil
}

// Address is host:port.
func (f *Front) Address() string { return f.listener.Addr().String() }

// Asked is the number of queries so far.
func (f *Front) Asked() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

// Close ends all connections.
func (f *Front) Close() {
	f.stop()
	f.listener.Close()
	f.Disconnect()
	f.done.Wait()
}

// Disconnect cuts all connections, as a restart does.
func (f *Front) Disconnect() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.conns {
		c.Close()
	}
}

func (f *Front) serve(ctx context.Context) {
	for {
		c, err := f.listener.Accept()
		if err != nil {
			return
		}
		f.mu.Lock()
		f.conns[c] = true
		f.mu.Unlock()
		f.done.Go(func() {
			defer func() {
				c.Close()
				f.mu.Lock()
				delete(f.conns, c)
				f.mu.Unlock()
			}()
			_ = (&session{front: f, conn: c, in: proto.NewReader(c)}).run(ctx)
		})
	}
}

const revision = proto.Version

type session struct {
	front  *Front
	conn   net.Conn
	in     *proto.Reader
	out    proto.Buffer
	client proto.ClientHello
	ver    int
}

func (s *session) flush() error {
	_, err := s.conn.Write(s.out.Buf)
	s.out.Reset()
	return err
}

func (s *session) run(ctx context.Context) error {
	if err := s.handshake(); err != nil {
		return err
	}
	for {
		code, err := s.in.UVarInt()
		if err != nil {
			return err
		}
		switch proto.ClientCode(code) {
		case proto.ClientCodePing:
			proto.ServerCodePong.Encode(&s.out)
		case proto.ClientCodeQuery:
			if err := s.query(ctx); err != nil {
				return err
			}
		case proto.ClientCodeCancel: // of a query that is over
		default:
			return fmt.Errorf("packet %d is not expected", code)
		}
		if err := s.flush(); err != nil {
			return err
		}
	}
}

func (s *session) handshake() error {
	code, err := s.in.UVarInt()
	if err != nil {
		return err
	}
	if proto.ClientCode(code) != proto.ClientCodeHello {
		return errors.New("no hello")
	}
	if err := s.client.Decode(s.in); err != nil {
		return err
	}
	s.ver = min(s.client.ProtocolVersion, revision)
	hello := proto.ServerHello{Name: "ClickHouse", Major: 26, Minor: 7, Revision: revision, Timezone: "UTC", DisplayName: "front"}
	hello.EncodeAware(&s.out, s.ver)
	if err := s.flush(); err != nil {
		return err
	}
	if proto.FeatureAddendum.In(s.ver) {
		_, err = s.in.Str() // the quota's key
	}
	return err
}

func (s *session) query(ctx context.Context) error {
	var q proto.Query
	if err := q.DecodeAware(s.in, s.ver); err != nil {
		return fmt.Errorf("query: %w", err)
	}
	// External data: none, an empty block.
	code, err := s.in.UVarInt()
	if err != nil || proto.ClientCode(code) != proto.ClientCodeData {
		return fmt.Errorf("packet %d in place of data: %w", code, err)
	}
	var data proto.ClientData
	if err := data.DecodeAware(s.in, s.ver); err != nil {
		return err
	}
	var none proto.Block
	if err := none.DecodeBlock(s.in, s.ver, nil); err != nil {
		return err
	}
	s.front.mu.Lock()
	s.front.asked++
	s.front.mu.Unlock()
	return s.ask(ctx, q)
}

// ask passes the query on and the answer back.
func (s *session) ask(ctx context.Context, q proto.Query) error {
	form := url.Values{"default_format": {"Native"}}
	if s.client.Database != "" {
		form.Set("database", s.client.Database)
	}
	for _, v := range q.Settings {
		form.Set(v.Key, v.Value)
	}
	for _, p := range q.Parameters {
		text, err := unquote(p.Value)
		if err != nil {
			return s.exception(62, fmt.Sprintf("parameter %s: %v", p.Key, err))
		}
		form.Set("param_"+p.Key, text)
	}
	resp, err := s.post(ctx, form, q.Body)
	if err != nil {
		return s.exception(210, err.Error())
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		code, _ := strconv.Atoi(resp.Header.Get("X-ClickHouse-Exception-Code"))
		if m := codeInText.FindSubmatch(text); code == 0 && m != nil {
			code, _ = strconv.Atoi(string(m[1]))
		}
		return s.exception(code, strings.TrimSpace(string(text)))
	}
	n, err := s.blocks(resp.Body)
	if err == nil && n == 0 {
		err = s.header(ctx, form, q.Body)
	}
	if err != nil {
		return err
	}
	proto.ServerCodeEndOfStream.Encode(&s.out)
	return nil
}

func (s *session) post(ctx context.Context, form url.Values, sql string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(s.front.options.URL, "/")+"/?"+form.Encode(), strings.NewReader(sql))
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-ClickHouse-User", s.client.User)
	req.Header.Set("X-ClickHouse-Key", s.client.Password)
	return (&http.Client{Transport: s.front.options.Transport}).Do(req)
}

// header sends the block without rows that begins every answer: over HTTP, an answer without
// rows has none.
func (s *session) header(ctx context.Context, form url.Values, sql string) error {
	form.Set("default_format", "TSV")
	resp, err := s.post(ctx, form, "DESCRIBE TABLE ("+sql+")")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("describe: %s %w", text, err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	s.beginBlock(len(lines), 0)
	for _, line := range lines {
		fields := strings.Split(line, "\t")
		s.beginColumn(fields[0], strings.ReplaceAll(fields[1], `\'`, `'`))
	}
	return nil
}

var codeInText = regexp.MustCompile(`Code: (\d+)`)

func (s *session) exception(code int, message string) error {
	proto.ServerCodeException.Encode(&s.out)
	e := proto.Exception{Code: proto.Error(code), Name: "DB::Exception", Message: message}
	e.EncodeAware(&s.out, s.ver)
	return nil
}

// unquote reads a parameter's value as a server does.
func unquote(text string) (string, error) {
	if len(text) < 2 || text[0] != '\'' || text[len(text)-1] != '\'' {
		return "", fmt.Errorf("%q is not in quotes", text)
	}
	var out strings.Builder
	for i := 1; i < len(text)-1; i++ {
		c := text[i]
		if c == '\'' {
			return "", fmt.Errorf("%q ends before its end", text)
		}
		if c == '\\' {
			i++
			if i == len(text)-1 {
				return "", fmt.Errorf("%q ends with a backslash", text)
			}
			c = text[i]
			if at := strings.IndexByte(`ntr0bf`, c); at >= 0 {
				c = "\n\t\r\x00\b\f"[at]
			}
		}
		out.WriteByte(c)
	}
	return out.String(), nil
}
