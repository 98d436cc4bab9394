package otlp

import (
	"encoding/base64"
	"encoding/hex"

	"github.com/throughline-io/throughline/pkg/span"
)

// NewFileDecoder makes a decoder of files: OTLP as tools save it, which is not always as the
// specification has it. In JSON it takes the names of OTLP before version 0.16, ids in base64
// as protobuf's own mapping to JSON has them, and what Tempo and Jaeger put around their
// answers. Spans beyond most are left out and counted instead of the request refused.
func NewFileDecoder(most int) *Decoder {
	return &Decoder{batch: new(span.Batch), resources: new(Resources), most: most, file: true}
}

// Beyond is how many spans were left out because there were more than the file decoder reads.
func (d *Decoder) Beyond() int { return d.beyond }

// oldResourceSpans is what Tempo calls the list of resource spans.
const oldResourceSpans = "batches"

// maxWrappers is how many objects may be around a request.
const maxWrappers = 3

// wrapper reports whether tools put a trace into a member of this name: Jaeger's API
// version 3 into "result", Tempo's version 2 into "trace".
func wrapper(name string) bool { return name == "result" || name == "trace" }

func oldScopeSpans(name string) bool {
	return name == "instrumentationLibrarySpans" || name == "instrumentation_library_spans"
}

func oldScope(name string) bool {
	return name == "instrumentationLibrary" || name == "instrumentation_library"
}

// inBase64 reports whether an id is in base64: 16 bytes end in "==" there, and 8 bytes in "=",
// which no hex does.
func inBase64(id []byte) bool { return len(id)%4 == 0 && len(id) > 0 && id[len(id)-1] == '=' }

// hexOfBase64 is the id in hex; as it is where it is no base64 either.
func hexOfBase64(id []byte) []byte {
	raw, err := base64.StdEncoding.AppendDecode(nil, id)
	if err != nil {
		return id
	}
	return hex.AppendEncode(nil, raw)
}
