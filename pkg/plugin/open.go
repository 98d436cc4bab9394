package plugin

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/throughline-io/throughline/pkg/saved"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace/words"
)

// What is read of a file. Grafana hands a plugin no more than 16 MB, so a large file is sent
// packed.
const (
	maxFileBytes  = 15 << 20
	maxFileText   = 64 << 20 // unpacked
	maxFileTraces = 200      // that are offered
)

// openedFile is what POST open answers: what the file holds, and the trace that is shown as a
// query answers it; no trace where there are several and none was chosen.
type openedFile struct {
	Format  string        `json:"format"`
	Traces  []openedTrace `json:"traces"`
	LeftOut []string      `json:"leftOut"` // of the file, and why
	Chosen  string        `json:"chosen,omitempty"`
	Frame   *data.Frame   `json:"frame,omitempty"`
}

// openedTrace is one trace of a file, by its earliest span without a parent in the file.
type openedTrace struct {
	ID       string `json:"id"`
	Service  string `json:"service"`
	Name     string `json:"name"`
	StartNs  string `json:"startNs"`
	Duration int64  `json:"duration"` // ns from the first start to the last end
	Spans    int    `json:"spans"`
	Failed   int    `json:"failed"` // spans
}

// openResource is POST open?trace=: a trace of a file that is the body. Nothing is stored: each
// further question brings the file along.
func (i *Instance) openResource(r *http.Request) (any, error) {
	opened, err := i.readFile(r)
	if err != nil {
		return nil, err
	}
	file := opened.file
	answer := openedFile{Format: string(file.Format), Traces: offered(file), LeftOut: file.LeftOut}
	if answer.LeftOut == nil {
		answer.LeftOut = []string{}
	}
	if file.Foreign > 0 {
		answer.LeftOut = append(answer.LeftOut, words.Count(file.Foreign, "document")+" without spans")
	}
	if n := len(file.Traces); n > maxFileTraces {
		answer.LeftOut = append(answer.LeftOut, fmt.Sprintf("%s of the list: the first %d of %d are offered", words.Count(n-maxFileTraces, "trace"), maxFileTraces, n))
	}
	if asked := r.URL.Query().Get("trace"); asked != "" || len(file.Traces) == 1 {
		t, err := i.opened.trace(opened, asked)
		if err != nil {
			return nil, err
		}
		answer.Chosen, answer.Frame = t.id, flameFrame(t)
	}
	return answer, nil
}

// openSpanResource is POST open/span/{id}?trace=: all of one span of a file.
func (i *Instance) openSpanResource(r *http.Request) (any, error) {
	id, err := readSpanID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	t, err := i.openedTrace(r)
	if err != nil {
		return nil, err
	}
	at := t.spanOf(id)
	if at < 0 {
		return nil, notFound{fmt.Errorf("no span %s is in the file", id)}
	}
	return t.details(t.tree.Spans[at]), nil
}

// openAttributesResource is POST open/attributes?trace=&key=, which answers as attributes/{id}.
func (i *Instance) openAttributesResource(r *http.Request) (any, error) {
	t, err := i.openedTrace(r)
	if err != nil {
		return nil, err
	}
	if !r.URL.Query().Has("key") {
		return t.attributeKeys(), nil
	}
	return t.attributeValues(r.URL.Query().Get("key")), nil
}

// openExportResource is POST open/export?trace=: a trace of any format as OTLP.
func (i *Instance) openExportResource(r *http.Request) (any, error) {
	t, err := i.openedTrace(r)
	if err != nil {
		return nil, err
	}
	return t.asOTLP(), nil
}

func (i *Instance) openedTrace(r *http.Request) (*assembled, error) {
	file, err := i.readFile(r)
	if err != nil {
		return nil, err
	}
	return i.opened.trace(file, r.URL.Query().Get("trace"))
}

// readFile reads the body.
func (i *Instance) readFile(r *http.Request) (*openFile, error) {
	content, err := readFileBody(r)
	if err != nil {
		return nil, err
	}
	return i.opened.read(content)
}

func readFileBody(r *http.Request) ([]byte, error) {
	content, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxFileBytes))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, badInput(fmt.Errorf("the file has more than %d MB packed, which is the most that Grafana passes on: save a part of it, or one trace", maxFileBytes>>20))
	case err != nil:
		return nil, fmt.Errorf("read the file: %w", err)
	}
	return content, nil
}

// openTrace is a trace of a file as if it had been read from the store.
func openTrace(file *saved.File, id string) (*assembled, error) {
	chosen, err := file.Find(id)
	if err != nil {
		return nil, badInput(err)
	}
	t := &assembled{id: chosen.ID, data: &store.TraceData{
		Spans: chosen.Spans, Resources: chosen.Resources, Entities: chosen.Entities, Truncated: strings.Join(file.LeftOut, "; "),
	}}
	t.entities = make(map[uint64]*span.Entity, len(chosen.Entities))
	for id, e := range chosen.Entities {
		t.entities[id] = &e
	}
	t.tree = chosen.Assemble()
	return t, nil
}

func offered(file *saved.File) []openedTrace {
	list := make([]openedTrace, 0, min(len(file.Traces), maxFileTraces))
	for _, t := range file.Traces[:min(len(file.Traces), maxFileTraces)] {
		list = append(list, offer(t))
	}
	return list
}

func offer(t *saved.Trace) openedTrace {
	root, start, end, failed := t.Root(), t.Start(), int64(0), 0
	for _, s := range t.Spans {
		end = max(end, s.End())
		if s.Status.Error() {
			failed++
		}
	}
	return openedTrace{
		ID: t.ID, Service: root.Service, Name: spanName(root), StartNs: fmt.Sprint(start), Duration: end - start, Spans: len(t.Spans), Failed: failed,
	}
}
