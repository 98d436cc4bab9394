package skywalking

import "github.com/throughline-io/throughline/agent/protobuf"

// The messages as they read in JSON, by protobuf's mapping.
var (
	pairFields = protobuf.Message{"key": {Number: 1}, "value": {Number: 2}}

	logFields = protobuf.Message{
		"time": {Number: 1, Kind: protobuf.Integer}, "data": {Number: 2, Kind: protobuf.Object, Of: pairFields},
	}

	refFields = protobuf.Message{
		"traceId": {Number: 2}, "parentTraceSegmentId": {Number: 3}, "parentSpanId": {Number: 4, Kind: protobuf.Integer},
	}

	spanFields = protobuf.Message{
		"spanId":        {Number: fieldNumber, Kind: protobuf.Integer},
		"parentSpanId":  {Number: fieldParent, Kind: protobuf.Integer},
		"startTime":     {Number: fieldStart, Kind: protobuf.Integer},
		"endTime":       {Number: fieldEnd, Kind: protobuf.Integer},
		"refs":          {Number: fieldRefs, Kind: protobuf.Object, Of: refFields},
		"operationName": {Number: fieldOperation},
		"peer":          {Number: fieldPeer},
		"spanType":      {Number: fieldType, Kind: protobuf.Enum, Names: []string{"Entry", "Exit", "Local"}},
		"spanLayer":     {Number: fieldLayer, Kind: protobuf.Enum, Names: []string{"Unknown", "Database", "RPCFramework", "Http", "MQ", "Cache", "FAAS"}},
		"componentId":   {Number: fieldComponent, Kind: protobuf.Integer},
		"isError":       {Number: fieldError, Kind: protobuf.Boolean},
		"tags":          {Number: fieldTags, Kind: protobuf.Object, Of: pairFields},
		"logs":          {Number: fieldLogs, Kind: protobuf.Object, Of: logFields},
	}

	segmentFields = protobuf.Message{
		"traceId": {Number: 1}, "traceSegmentId": {Number: 2}, "service": {Number: 4}, "serviceInstance": {Number: 5},
		"spans": {Number: 3, Kind: protobuf.Object, Of: spanFields},
	}

	instanceFields = protobuf.Message{
		"service": {Number: 1}, "serviceInstance": {Number: 2}, "properties": {Number: 3, Kind: protobuf.Object, Of: pairFields},
	}
)

// SegmentsJSON writes a list of segments in JSON, or one alone, as a SegmentCollection.
func SegmentsJSON(w *protobuf.Writer, body []byte) error { return segmentFields.WriteJSON(w, body, 1) }

// InstanceJSON writes what an instance says of itself in JSON as an InstanceProperties.
func InstanceJSON(w *protobuf.Writer, body []byte) error {
	return instanceFields.WriteJSON(w, body, 0)
}
