package apm

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/throughline-io/throughline/pkg/span"
)

// APMs are those that are asked.
type APMs struct {
	list []*one
	room chan struct{} // a token per answer in memory
}

// one is an APM with what it answered since the start.
type one struct {
	config Config
	backend
	answers [reasons]atomic.Uint64
	spans   atomic.Uint64
	left    atomic.Uint64 // answers of which not all was taken
}

// New makes them; Check has looked at the configuration.
func New(all []Config) (*APMs, error) {
	a := &APMs{room: make(chan struct{}, answersAtOnce)}
	for _, c := range all {
		client, err := newClient(c)
		if err != nil {
			return nil, err
		}
		a.list = append(a.list, &one{config: c, backend: kinds[c.Kind](client)})
	}
	return a, nil
}

// found is what one APM has of a trace, or why that is not known.
type found struct {
	name string
	code *Code
	err  error
}

// ask asks all of them about each trace, at the same time.
func (a *APMs) ask(ctx context.Context, questions []question) []found {
	out := make([]found, len(a.list)*len(questions))
	var group sync.WaitGroup
	for i, of := range a.list {
		for k, q := range questions {
			group.Go(func() {
				at := &out[i*len(questions)+k]
				at.name = of.config.Name
				at.code, at.err = a.askOne(ctx, of, q)
			})
		}
	}
	group.Wait()
	return out
}

func (a *APMs) askOne(ctx context.Context, of *one, q question) (*Code, error) {
	ctx, cancel := context.WithTimeout(ctx, of.config.Timeout)
	defer cancel()
	select {
	case a.room <- struct{}{}:
	case <-ctx.Done():
		of.answers[slow].Add(1)
		return nil, failed(slow, fmt.Errorf("%d answers of APMs are being read", answersAtOnce))
	}
	defer func() { <-a.room }()
	code, err := of.trace(ctx, q)
	of.answers[because(err)].Add(1)
	if err != nil {
		return nil, err
	}
	of.spans.Add(uint64(len(code.Spans)))
	if len(code.LeftOut) > 0 {
		of.left.Add(1)
	}
	return code, nil
}

// Counts are what the APMs answered since the start, in words.
func (a *APMs) Counts() map[string]uint64 {
	out := map[string]uint64{}
	for _, of := range a.list {
		for r, word := range words {
			out[of.config.Name+": "+word] = of.answers[r].Load()
		}
		out[of.config.Name+": spans of code answered"] = of.spans.Load()
		out[of.config.Name+": answers that were taken in part"] = of.left.Load()
	}
	maps.DeleteFunc(out, func(_ string, n uint64) bool { return n == 0 })
	return out
}

// Names are what they are called, with their kinds.
func (a *APMs) Names() (all []string) {
	for _, of := range a.list {
		all = append(all, of.config.Name+" ("+of.config.Kind+")")
	}
	return all
}

// identity of a span of code: the two ends of a call may have one id, as they have in Zipkin.
type identity struct {
	trace span.TraceID
	id    span.SpanID
	kind  span.Kind
}
