package trace

import (
	"encoding/json"
	"strconv"
)

// appendSpan appends a span as encoding/json writes it. That took half of what the server does for a
// trace: it looks at each field anew, and calls a method for each text that may be null.
func appendSpan(b []byte, s *PrintedSpan) []byte {
	b = appendString(append(b, `{"id":`...), s.ID)
	b = appendText(append(b, `,"parent":`...), s.Parent)
	b = appendString(append(b, `,"source":`...), s.Source)
	b = appendString(append(b, `,"observation_point":`...), s.Point)
	b = appendText(append(b, `,"kind":`...), s.Kind)
	b = appendText(append(b, `,"service":`...), s.Service)
	b = appendText(append(b, `,"name":`...), s.Name)
	b = appendText(append(b, `,"node":`...), s.Node)
	b = appendText(append(b, `,"pod":`...), s.Pod)
	b = appendText(append(b, `,"of_pod":`...), s.OfPod)
	b = appendText(append(b, `,"interface":`...), s.NIC)
	b = appendText(append(b, `,"interface_name":`...), s.NICName)
	b = appendText(append(b, `,"tunnel":`...), s.Tunnel)
	b = appendText(append(b, `,"protocol":`...), s.Protocol)
	b = appendText(append(b, `,"request":`...), s.Request)
	b = appendText(append(b, `,"client":`...), s.Client)
	b = appendText(append(b, `,"server":`...), s.Server)
	b = appendText(append(b, `,"client_address":`...), s.ClientAddress)
	b = appendText(append(b, `,"server_address":`...), s.ServerAddress)
	b = appendText(append(b, `,"status":`...), s.Status)
	if s.Code != 0 {
		b = strconv.AppendInt(append(b, `,"code":`...), int64(s.Code), 10)
	}
	b = strconv.AppendInt(append(b, `,"start":`...), s.Start, 10)
	b = strconv.AppendInt(append(b, `,"end":`...), s.End, 10)
	if s.Response != 0 {
		b = strconv.AppendInt(append(b, `,"response_start":`...), s.Response, 10)
	}
	if s.RequestEnd != 0 {
		b = strconv.AppendInt(append(b, `,"request_end":`...), s.RequestEnd, 10)
	}
	if s.Retransmissions != 0 {
		b = strconv.AppendInt(append(b, `,"retransmissions":`...), int64(s.Retransmissions), 10)
	}
	b = strconv.AppendInt(append(b, `,"self":`...), s.Self, 10)
	b = strconv.AppendInt(append(b, `,"depth":`...), int64(s.Depth), 10)
	b = appendText(append(b, `,"trace_id":`...), s.TraceID)
	b = appendText(append(b, `,"span_id":`...), s.SpanID)
	b = appendText(append(b, `,"rule":`...), s.Rule)
	b = appendText(append(b, `,"reason":`...), s.Reason)
	b = appendText(append(b, `,"confidence":`...), s.Confidence)
	if s.Missing != 0 {
		b = strconv.AppendInt(append(b, `,"missing_hops":`...), int64(s.Missing), 10)
	}
	if s.Orphan != "" {
		b = appendText(append(b, `,"orphan":`...), s.Orphan)
	}
	return append(b, '}')
}

// appendText appends null for "".
func appendText(b []byte, t Text) []byte {
	if t == "" {
		return append(b, "null"...)
	}
	return appendString(b, string(t))
}

func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // a string cannot fail
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
