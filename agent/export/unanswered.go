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

// Unanswered is the error of a batch that is on its way to the server still, and can be waited
// for again: a second copy of it would count twice in metrics. It wraps why nobody waited longer.
type Unanswered struct {
	queue *Queue
	share share
	cause error
}

func (u *Unanswered) Error() string { return u.cause.Error() }
func (u *Unanswered) Unwrap() error { return u.cause }

// Wait waits for the answer as Send does.
func (u *Unanswered) Wait(ctx context.Context) (LeftOut, error) {
	select {
	case <-u.share.parcel.done:
		return u.share.answer()
	default:
	}
	if u.queue.down() > patienceWhenDown {
		return LeftOut{}, u
	}
	return u.queue.wait(ctx, u.share)
}

// share is the rows of a parcel that one sender has in it.
type share struct {
	parcel   *parcel
	from, to uint32
}

// wait waits for a share's answer, not for ever.
func (q *Queue) wait(ctx context.Context, s share) (LeftOut, error) {
	timer := time.NewTimer(q.config.Patience)
	defer timer.Stop()
	select {
	case <-s.parcel.done:
		return s.answer()
	case <-timer.C:
		return LeftOut{}, &Unanswered{q, s, ErrDown}
	case <-ctx.Done():
		return LeftOut{}, &Unanswered{q, s, context.Cause(ctx)}
	}
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
