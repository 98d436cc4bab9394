package plugin

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"

	"github.com/throughline-io/throughline/pkg/store"
)

// slowQuery is how long a query may take before the log says so.
const slowQuery = 5 * time.Second

// safely answers a query within the data source's time limit. Whatever goes wrong in it, the
// next one is answered.
func (i *Instance) safely(ctx context.Context, dq backend.DataQuery) (res backend.DataResponse) {
	typ := queryTypeOf(dq.JSON)
	logger := log.DefaultLogger.FromContext(ctx).With("refId", dq.RefID, "queryType", typ) // FromContext: with the trace id
	began, asked := time.Now(), ctx
	ctx, seen := observe(ctx, typ)
	defer seen.end(&res)
	defer func() {
		if r := recover(); r != nil {
			logger.Error("A query panicked", "panic", r, "stack", string(debug.Stack()))
			res = backend.ErrDataResponseWithSource(backend.StatusInternal, backend.ErrorSourcePlugin, "the data source failed at this query; its log says where")
			return
		}
		if res.Error != nil && cancelled(asked, res.Error) {
			res = failed(fmt.Errorf("%w: %w", context.Canceled, res.Error))
		}
		switch took := time.Since(began); {
		case res.Error != nil && errors.Is(res.Error, context.Canceled):
			logger.Debug("A query was cancelled", "after", took)
		case res.Error != nil && res.Status == backend.StatusBadRequest:
			logger.Debug("A query was refused", "error", res.Error)
		case res.Error != nil:
			logger.Warn("A query failed", "after", took, "status", int(res.Status), "error", whole(res.Error))
		case took > slowQuery:
			logger.Info("A query was slow", "took", took)
		}
	}()
	if i.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, i.timeout)
		defer cancel()
	}
	return i.answer(ctx, dq)
}

// apart does beside the query what its answer can do without: whatever goes wrong in it, the
// answer is given.
func apart(ctx context.Context, group *sync.WaitGroup, do func()) {
	group.Go(func() {
		defer func() {
			if r := recover(); r != nil {
				log.DefaultLogger.FromContext(ctx).Error("A part of a query panicked", "panic", r, "stack", string(debug.Stack()))
			}
		}()
		do()
	})
}

// briefError is an error as the user sees it: what the store says without the statement,
// which no user wrote.
type briefError struct {
	error
	text string
}

func (e briefError) Error() string { return e.text }
func (e briefError) Unwrap() error { return e.error }

const maxMessage = 600

func brief(err error) error {
	text := err.Error()
	if _, what, ok := strings.Cut(text, store.ErrMalformed.Error()+": "); ok && errors.Is(err, store.ErrMalformed) {
		text = what // the user's own words, not the way they took
	}
	var input inputError
	if !errors.As(err, &input) && !errors.Is(err, store.ErrMalformed) {
		if what, do, known := knownFault(err); known {
			text = fmt.Sprintf("%s. %s (%s)", what, do, text)
		}
		if at := statementText.FindStringIndex(text); at != nil {
			text = text[:at[0]]
		}
	}
	if len(text) > maxMessage {
		text = text[:maxMessage] + " …"
	}
	text = strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "�"))
	return briefError{err, text}
}

// statementText is where an error of the store begins to show the statement or its own state.
var statementText = regexp.MustCompile(`(?i):? in scope |: while executing|\(version |stack trace:`)

// whole is the error behind what the user sees.
func whole(err error) string {
	var short briefError
	if errors.As(err, &short) {
		return short.error.Error()
	}
	return err.Error()
}

// knownFault is remedy, where it knows more than that something is wrong.
func knownFault(err error) (what, do string, known bool) {
	if errors.Is(err, context.Canceled) {
		return "", "", false
	}
	what, do = remedy(err)
	return what, do, what != unknownFault
}
