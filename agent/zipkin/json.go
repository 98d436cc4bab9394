package zipkin

import "github.com/throughline-io/throughline/agent/protobuf"

// The messages as they read in JSON, which is Zipkin's own: ids and addresses are texts.
var (
	endpointFields = protobuf.Message{
		"serviceName": {Number: 1}, "ipv4": {Number: 2, Kind: protobuf.Address}, "ipv6": {Number: 3, Kind: protobuf.Address}, "port": {Number: 4, Kind: protobuf.Integer},
	}

	annotationFields = protobuf.Message{"timestamp": {Number: 1, Kind: protobuf.Integer}, "value": {Number: 2}}

	spanFields = protobuf.Message{
		"traceId": {Number: 1, Kind: protobuf.Hex}, "parentId": {Number: 2, Kind: protobuf.Hex}, "id": {Number: 3, Kind: protobuf.Hex},
		"kind": {Number: 4, Kind: protobuf.Enum, Names: []string{"", "CLIENT", "SERVER", "PRODUCER", "CONSUMER"}},
		"name": {Number: 5}, "timestamp": {Number: 6, Kind: protobuf.Integer}, "duration": {Number: 7, Kind: protobuf.Integer},
		"localEndpoint":  {Number: 8, Kind: protobuf.Object, Of: endpointFields},
		"remoteEndpoint": {Number: 9, Kind: protobuf.Object, Of: endpointFields},
		"annotations":    {Number: 10, Kind: protobuf.Object, Of: annotationFields},
		"tags":           {Number: 11, Kind: protobuf.Pairs},
		"debug":          {Number: 12, Kind: protobuf.Boolean},
	}
)

// JSON writes a list of spans in JSON as a ListOfSpans.
func JSON(w *protobuf.Writer, body []byte) error { return spanFields.WriteJSON(w, body, 1) }
