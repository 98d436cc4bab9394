package store

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// lateLook is a body in which the transport looks for more only after it was closed, as it happens
// on a busy machine.
type lateLook struct {
	*body
	closed chan struct{}
}

func (l lateLook) Read(p []byte) (int, error) {
	l.mu.Lock()
	sent := len(l.rest) == 0
	l.mu.Unlock()
	if sent {
		<-l.closed
	}
	return l.body.Read(p)
}

func TestAnswerIsReadWholeAfterTheBodyIsClosed(t *testing.T) {
	t.Parallel()
	looked := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadFull(r.Body, make([]byte, r.ContentLength))
		w.(http.Flusher).Flush()
		<-looked
		_, _ = io.WriteString(w, "answer")
	}))
	defer server.Close()
	sql := lateLook{&body{rest: [][]byte{[]byte("SELECT 1")}}, make(chan struct{})}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, sql)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = 8
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	sql.Close()
	close(sql.closed)
	close(looked)
	if answer, err := io.ReadAll(resp.Body); err != nil || string(answer) != "answer" {
		t.Errorf("the answer is %q, %v", answer, err)
	}
}

func TestClosedBodyGivesNoMoreOfItsSlices(t *testing.T) {
	t.Parallel()
	b := &body{rest: [][]byte{[]byte("ab"), []byte("cd")}}
	if _, err := io.ReadFull(b, make([]byte, 3)); err != nil {
		t.Fatal(err)
	}
	b.Close()
	if n, err := b.Read(make([]byte, 1)); n != 0 || !errors.Is(err, http.ErrBodyReadAfterClose) {
		t.Errorf("%d bytes, %v", n, err)
	}
}
