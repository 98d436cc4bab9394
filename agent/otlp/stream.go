package otlp

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

// streamTime is how long a stream may be silent: some agents keep one open for all that they will send.
// quietTime is how long it may be when the receiver ends.
const (
	streamTime = time.Hour
	quietTime  = 250 * time.Millisecond
)

// Ends is what an answer may have that tells of the receiver's end.
type Ends interface {
	// Ending is closed when the receiver will take no more: streams that are silent end then.
	Ending() <-chan struct{}
}

// awaited is a request's body of which more may come at any time, until the receiver ends.
type awaited struct {
	control *http.ResponseController
	ending  <-chan struct{}
	read    chan struct{} // closed when nobody reads it any more
	waiting sync.WaitGroup
}

func await(w http.ResponseWriter) *awaited {
	a := &awaited{control: http.NewResponseController(w), read: make(chan struct{})}
	if e, ok := w.(Ends); ok {
		a.ending = e.Ending()
		a.waiting.Go(func() {
			select {
			case <-a.ending:
				a.more()
			case <-a.read:
			}
		})
	}
	return a
}

// more gives what comes next its time.
func (a *awaited) more() {
	_ = a.control.SetReadDeadline(time.Now().Add(streamTime)) // else its own time ends it
	select {
	case <-a.ending: // what was set before it may have been undone just now
		_ = a.control.SetReadDeadline(time.Now().Add(quietTime)) // as above
	default:
	}
}

// stop says that nobody reads the body any more.
func (a *awaited) stop() {
	close(a.read)
	a.waiting.Wait()
}

// ended reports whether a body's time is over.
func ended(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

// stream are the messages of a call that has many. Those that come while others are on the way to the
// server go together.
type stream struct {
	receiver *Receiver
	w        http.ResponseWriter
	req      *http.Request
	as       form
	body     *awaited
	messages chan *message
	over     chan struct{} // closed: nobody takes messages any more
	err      error         // of the reader; set before messages is closed
}

// maxTogether is how many messages of a stream are on the way at once.
const maxTogether = 128

// collect takes the messages of a stream, and answers when the last one is stored.
func (r *Receiver) collect(ctx context.Context, w http.ResponseWriter, req *http.Request, as form) error {
	s := &stream{receiver: r, w: w, req: req, as: as, body: await(w), messages: make(chan *message, maxTogether), over: make(chan struct{})}
	defer s.body.stop()
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(s.messages)
		s.err = s.read()
	})
	err := s.take(ctx)
	close(s.over)
	if err != nil { // what waits for more need not
		_ = s.body.control.SetReadDeadline(time.Unix(1, 0)) // else its own time ends it
	}
	for m := range s.messages {
		m.done()
	}
	reading.Wait()
	if err == nil {
		err = s.err
	}
	return err
}

// read reads messages until the stream ends.
func (s *stream) read() error {
	for {
		s.body.more()
		select {
		case <-s.over:
			return nil
		default:
		}
		var prefix [5]byte
		switch _, err := io.ReadFull(s.req.Body, prefix[:]); {
		case err == io.EOF, ended(err):
			return nil
		case err != nil:
			return unreadable(err, s.receiver.config.MaxBody)
		}
		_ = s.body.control.SetReadDeadline(time.Now().Add(bodyTime)) // as above
		m, done, err := s.receiver.message(s.w, s.req, func(m *message, req *http.Request) error {
			m.form = s.as
			return s.receiver.readFramed(m, req, prefix)
		})
		if err != nil {
			done()
			return err
		}
		m.done = done
		select {
		case s.messages <- m:
		case <-s.over:
			done()
			return nil
		}
	}
}

// take takes messages until there are none, those together that are there at once.
func (s *stream) take(ctx context.Context) error {
	for m := range s.messages {
		together := []*message{m}
	more:
		for len(together) < maxTogether {
			select {
			case m, ok := <-s.messages:
				if !ok {
					break more
				}
				together = append(together, m)
			default:
				break more
			}
		}
		err := s.receiver.takeAll(ctx, together)
		for _, m := range together {
			m.done()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// takeAll reads messages and returns when the spans of all are stored. Its error is the first one's; the
// others are stored all the same.
func (r *Receiver) takeAll(ctx context.Context, messages []*message) error {
	var errs []error
	passed := make([]*passed, len(messages))
	for i, m := range messages {
		r.count.requests.Add(1)
		var err error
		if passed[i], err = r.pass(ctx, m); err != nil {
			errs = append(errs, err)
		}
	}
	for i, p := range passed {
		if p == nil {
			continue
		}
		if _, err := r.wait(ctx, messages[i], p); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return errs[0]
	}
	return nil
}
