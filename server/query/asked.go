package query

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
)

// maxAsked is how large the body of a question may be, as it is sent and without its compression.
const maxAsked = 16 << 20

// asked is for questions that come as a body. They change nothing; but a page of another origin has
// nothing to ask here, and its requests would come without asking.
func (s *Server) asked(h handler, failed func(http.ResponseWriter, *http.Request, error)) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		failed(w, r, &failure{http.StatusForbidden, "a page of another origin may not ask here"})
	}))
	return protection.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", "POST")
			failed(w, r, &failure{http.StatusMethodNotAllowed, "this is asked by POST, with the spans as the body"})
			return
		}
		s.guarded(w, r, h, failed)
	}))
}

// body reads a question, gzip or not.
func (s *Server) body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.c.BodyTime)) // as of SetWriteDeadline in limited
	var in io.Reader = http.MaxBytesReader(w, r.Body, maxAsked)
	switch encoding := strings.ToLower(r.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, unread(err)
		}
		in = io.LimitReader(z, maxAsked+1)
	default:
		return nil, &failure{http.StatusUnsupportedMediaType, "Content-Encoding " + quoted(encoding) + ": want gzip or none"}
	}
	var body bytes.Buffer
	if _, err := body.ReadFrom(in); err != nil {
		return nil, unread(err)
	}
	if body.Len() > maxAsked {
		return nil, errLarge
	}
	return body.Bytes(), nil
}

var errLarge = &failure{http.StatusRequestEntityTooLarge, "the body is larger than 16 MiB: ask about fewer spans at a time"}

func unread(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return errLarge
	}
	return badRequest("the body cannot be read: %v", err)
}

// mediaType is the Content-Type without its parameters, in lower case.
func mediaType(r *http.Request) string {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return media
}
