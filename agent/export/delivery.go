package export

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/throughline-io/throughline/pkg/wire"
)

// LeftOut is what the server took of a batch but for these spans; the zero value: all.
type LeftOut struct {
	Spans int64
	Why   string
}

// Delivery is a batch on its way to the server.
type Delivery struct {
	queue  *Queue
	shares []share
	first  [1]share // most have one
}

// Wait returns when the batch is durably stored, but for what was left out. It does not wait for
// ever: an error that is an *Unanswered says that the batch may still be stored later, and can be
// waited for again. Sending its spans again is harmless to readers, for they keep their ids, but
// metrics count them again.
func (d *Delivery) Wait(ctx context.Context) (LeftOut, error) {
	var out LeftOut
	var timer *time.Timer
	for _, s := range d.shares {
		select {
		case <-s.parcel.done:
		default:
			if timer == nil {
				if d.queue.log == nil && d.queue.down() > patienceWhenDown {
					return LeftOut{}, &Unanswered{d, ErrDown}
				}
				timer = time.NewTimer(d.queue.config.Patience)
				defer timer.Stop()
			}
			select {
			case <-s.parcel.done:
			case <-timer.C:
				return LeftOut{}, &Unanswered{d, ErrDown}
			case <-ctx.Done():
				return LeftOut{}, &Unanswered{d, context.Cause(ctx)}
			}
		}
		left, err := s.answer()
		if err != nil {
			return LeftOut{}, err
		}
		out.add(left)
	}
	return out, nil
}

func (l *LeftOut) add(more LeftOut) {
	l.Spans += more.Spans
	l.Why = strings.Trim(l.Why+"; "+more.Why, "; ")
}

// Unanswered is the error of a batch that is on its way to the server still. It wraps why nobody
// waited longer.
type Unanswered struct {
	*Delivery
	cause error
}

func (u *Unanswered) Error() string { return u.cause.Error() }
func (u *Unanswered) Unwrap() error { return u.cause }

// share is the rows of a parcel that one sender has in it.
type share struct {
	parcel   *parcel
	from, to uint32
}

// answer is what the server said of a share. Its parcel is done.
func (s share) answer() (out LeftOut, err error) {
	if s.parcel.err != nil {
		return out, s.parcel.err
	}
	var why []string
	for _, r := range s.parcel.rejections {
		if n := s.count(r); n > 0 {
			out.Spans += n
			what := "spans were"
			if n == 1 {
				what = "span was"
			}
			why = append(why, fmt.Sprintf("%d %s left out: %s", n, what, r.GetReason()))
		}
	}
	out.Why = strings.Join(why, "; ")
	return out, nil
}

// count is how many of the rejected rows are the share's.
func (s share) count(r *wire.Rejection) (n int64) {
	for _, row := range r.GetRows() {
		if row >= s.from && row < s.to {
			n++
		}
	}
	return n
}
