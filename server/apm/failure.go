package apm

import (
	"context"
	"errors"
	"fmt"
)

// reason is why an APM's code is missing.
type reason int

const (
	answered reason = iota // it is not
	none
	away
	slow
	refused
	unreadable
	tooLarge
	reasons
)

// words say it to users, and in the ledger.
var words = [reasons]string{
	answered: "answered", none: "has no such trace", away: "did not answer", slow: "took too long", refused: "refused", unreadable: "said what cannot be read", tooLarge: "said too much",
}

// failure is an error of an APM.
type failure struct {
	reason reason
	err    error
}

func failed(r reason, err error) error { return &failure{r, err} }

func (f *failure) Error() string { return fmt.Sprintf("%s: %v", words[f.reason], f.err) }
func (f *failure) Unwrap() error { return f.err }

// errNone is what an APM that has nothing of a trace says.
var errNone = failed(none, errors.New("nothing is stored there under the id"))

// because is the reason of an error.
func because(err error) reason {
	var f *failure
	switch {
	case err == nil:
		return answered
	case errors.As(err, &f):
		return f.reason
	}
	return away
}

// reasonOf tells who took too long from who is away.
func reasonOf(ctx context.Context, err error) reason {
	if ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		return slow
	}
	return away
}
