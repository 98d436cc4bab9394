package store

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// told collects what reads say they left out.
func told(ctx context.Context) (context.Context, *[]string) {
	var why []string
	return Reporting(ctx, func(text string) { why = append(why, text) }), &why
}

// No list ends without saying that it does.
func TestListsSayWhatTheyLeaveOut(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := &span.Batch{}
	for i, user := range []string{"ann", "bob", "cy"} {
		b.Append(&span.Span{ID: span.NewID(start, uint64(i)+1), Source: span.APP, TraceID: traceID(byte(i) + 1), SpanID: spanID(1), Start: start, Service: "s" + user,
			Kind: span.KindServer, Attributes: []span.Attribute{{Key: "user", Value: user}, {Key: "k." + user, Value: "1"}}})
	}
	insert(t, s, b)
	from, to := start-int64(time.Hour), start+int64(time.Hour)
	for name, list := range map[string]func(ctx context.Context, limit int) ([]string, error){
		"services": func(ctx context.Context, n int) ([]string, error) {
			return s.Values(ctx, ValuesQuery{Name: "service", From: from, To: to, Limit: n})
		},
		"attribute": func(ctx context.Context, n int) ([]string, error) {
			return s.Values(ctx, ValuesQuery{Name: "user", From: from, To: to, Limit: n})
		},
		"keys": func(ctx context.Context, n int) ([]string, error) {
			tags, err := s.TagKeys(ctx, TagsQuery{From: from, To: to, Limit: n})
			return make([]string, len(tags)), err
		},
	} {
		ctx, why := told(t.Context())
		got, err := list(ctx, 2)
		if err != nil || len(got) != 2 || len(*why) != 1 || !strings.Contains((*why)[0], "more than the 2") {
			t.Errorf("%s: %q, told %q, %v", name, got, *why, err)
		}
		ctx, why = told(t.Context())
		if got, err = list(ctx, 100); err != nil || len(got) < 3 || len(*why) != 0 {
			t.Errorf("%s: %q, told %q, %v", name, got, *why, err)
		}
	}
	for newest, want := range map[int]bool{2: true, 3: false} {
		ctx, why := told(t.Context())
		c := newConditions()
		c.during(from, to, slice{})
		err := s.newestOnly(ctx, "the values", c, newest)
		if said := slices.ContainsFunc(*why, func(w string) bool { return strings.Contains(w, "newest 2 spans") }); err != nil || said != want {
			t.Errorf("of %d spans: told %q, %v", newest, *why, err)
		}
	}
}
