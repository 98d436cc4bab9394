package otlp

import (
	"encoding/json"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// protobuf is an ExportTraceServiceResponse: empty when all was taken as it was sent. A message without
// rejected spans is a warning.
func (r result) protobuf() []byte {
	if r.rejected == 0 && r.message == "" {
		return nil
	}
	var partial []byte
	partial = protowire.AppendVarint(protowire.AppendTag(partial, 1, protowire.VarintType), uint64(r.rejected))
	partial = protowire.AppendString(protowire.AppendTag(partial, 2, protowire.BytesType), r.message)
	return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), partial)
}

// json is the same in OTLP's JSON mapping, in which 64-bit numbers are strings.
func (r result) json() []byte {
	if r.rejected == 0 && r.message == "" {
		return []byte("{}")
	}
	type partial struct {
		RejectedSpans string `json:"rejectedSpans"`
		ErrorMessage  string `json:"errorMessage"`
	}
	b, err := json.Marshal(map[string]partial{"partialSuccess": {strconv.FormatInt(r.rejected, 10), r.message}})
	if err != nil {
		return []byte("{}") // two strings: it cannot fail
	}
	return b
}
