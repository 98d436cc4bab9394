package apm

import (
	"bytes"
	"context"
	"encoding/json"
)

// tempo asks Tempo's HTTP API: version 2 of the look-up, which says what it left out, else, of a Tempo
// before 2.6, the first (https://grafana.com/docs/tempo/latest/api_docs/#query-v2).
type tempo struct{ *client }

func (t tempo) trace(ctx context.Context, q question) (*Code, error) {
	a, err := t.ask(ctx, nil, "api", "v2", "traces", q.id.String())
	if err != nil {
		return nil, err
	}
	code, err := readTempo(a)
	if because(err) != none {
		return code, err
	}
	if a, err = t.ask(ctx, nil, "api", "traces", q.id.String()); err != nil {
		return nil, err
	}
	return readTempo(a)
}

func readTempo(a answer) (*Code, error) {
	if bytes.Equal(bytes.TrimSpace(a.body), []byte("{}")) { // a trace without spans, as protobuf's JSON has it
		return nil, errNone
	}
	code, err := read(a)
	if err != nil {
		return nil, err
	}
	var said struct {
		Status  string `json:"status"`
		Message string `json:"message"`
	}
	if json.Unmarshal(a.body, &said) == nil && said.Status == "PARTIAL" {
		code.LeftOut = append(code.LeftOut, "it has the trace in part: "+said.Message)
	}
	return code, nil
}
