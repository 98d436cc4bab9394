package tracetest

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// The reference trace. It is a copy of testdata/expected-trace.json, which go:embed cannot
// reach; a test keeps the two equal.
//
//go:embed expected-trace.json
var expectedJSON []byte

// ExpectedJSON is the reference trace as test/compare reads it.
func ExpectedJSON() []byte { return expectedJSON }

// expected is one span of the reference trace.
type expected struct {
	ID         int    `json:"id"`
	Source     string `json:"source"`
	Label      string `json:"label"`
	Parent     *int   `json:"parent"`
	Node       string `json:"node"`
	Pod        string `json:"pod"`
	Point      string `json:"observation_point"`
	Protocol   string `json:"protocol"`
	Request    string `json:"request"`
	Service    string `json:"service"`
	Kind       string `json:"kind"`
	Interface  string `json:"interface"`
	Tunnel     string `json:"tunnel"`
	OfPod      string `json:"of_pod"`
	DB         string `json:"db_system"`
	Confidence string `json:"confidence"`

	kids []*expected
}

// reference is the reference trace's spans in order of id, linked.
var reference = func() []*expected {
	var doc struct {
		Spans []*expected `json:"spans"`
	}
	if err := json.Unmarshal(expectedJSON, &doc); err != nil {
		panic(fmt.Sprintf("BUG: embedded reference trace: %v", err))
	}
	for i, e := range doc.Spans {
		if e.ID != i+1 {
			panic(fmt.Sprintf("BUG: embedded reference trace: span %d has id %d", i+1, e.ID))
		}
		if e.Parent != nil {
			p := doc.Spans[*e.Parent-1]
			p.kids = append(p.kids, e)
		}
	}
	return doc.Spans
}()

// Parents is each reference span's parent, as indexes into what WebShop returns; -1 for
// the root.
func Parents() []int {
	parents := make([]int, len(reference))
	for i, e := range reference {
		parents[i] = -1
		if e.Parent != nil {
			parents[i] = *e.Parent - 1
		}
	}
	return parents
}

// Inferred reports whether the reference link above span i is inferred; others are proven.
func Inferred(i int) bool { return reference[i].Confidence == "inferred" }
