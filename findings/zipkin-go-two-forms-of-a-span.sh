#!/bin/sh
# One span in both forms of Zipkin's library for Go.
#
# Version: github.com/openzipkin/zipkin-go v0.4.3, reporter.JSONSerializer and zipkin_proto3.SpanSerializer.
# Said:    "The parent span ID or absent if this the root span in a trace"; a name "in lowercase"; an endpoint's
#          ipv4 has 4 bytes (zipkin.proto, whose comments the library has).
# Seen:    the same root span, begun 700 ns after a microsecond, with an event at its very start:
#          - JSON rounds its duration (700 ns: 1, 1,700 ns: 2), protobuf cuts it (0, which says that it is not known; 1);
#          - protobuf rounds the span's start and cuts its events: the event lies 1 µs before the span;
#          - protobuf names a parent, of eight zeros;
#          - an ipv4 from net.ParseIP has 16 bytes in protobuf, ::ffff:10.0.0.1;
#          - JSON writes the name in lower case, protobuf as it is.
#          Output below, at the end.
#
# It needs Go and its module proxy, and nothing of Throughline. It fails if this is no longer so.
set -eu
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
cat > go.mod <<'MOD'
module finding

go 1.25

require github.com/openzipkin/zipkin-go v0.4.3
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"
	"net"
	"time"

	"github.com/openzipkin/zipkin-go/model"
	"github.com/openzipkin/zipkin-go/proto/zipkin_proto3"
	"github.com/openzipkin/zipkin-go/reporter"
	"google.golang.org/protobuf/proto"
)

func main() {
	start := time.Unix(1_700_000_000, 700) // 0.7 µs after a microsecond
	span := func(d time.Duration) *model.SpanModel {
		return &model.SpanModel{
			SpanContext: model.SpanContext{TraceID: model.TraceID{Low: 1}, ID: 2}, Name: "POST /Order",
			Timestamp: start, Duration: d, Annotations: []model.Annotation{{Timestamp: start, Value: "begin"}},
			LocalEndpoint: &model.Endpoint{ServiceName: "shop", IPv4: net.ParseIP("10.0.0.1"), Port: 80},
		}
	}
	spans := []*model.SpanModel{span(700 * time.Nanosecond), span(1700 * time.Nanosecond)}
	text, err := reporter.JSONSerializer{}.Serialize(spans)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
	binary, err := zipkin_proto3.SpanSerializer{}.Serialize(spans)
	if err != nil {
		panic(err)
	}
	var list zipkin_proto3.ListOfSpans
	if err := proto.Unmarshal(binary, &list); err != nil {
		panic(err)
	}
	for _, s := range list.Spans {
		fmt.Printf("name=%q parent=%x timestamp=%d duration=%d annotation=%d ipv4=%x\n", s.Name, s.ParentId, s.Timestamp, s.Duration, s.Annotations[0].Timestamp, s.LocalEndpoint.Ipv4)
	}
}
GO
go mod tidy >/dev/null 2>&1
go run . > out
cat out
cat > want <<'WANT'
[{"timestamp":1700000000000001,"duration":1,"traceId":"0000000000000001","id":"0000000000000002","name":"post /order","localEndpoint":{"serviceName":"shop","ipv4":"10.0.0.1","port":80},"annotations":[{"timestamp":1700000000000001,"value":"begin"}]},{"timestamp":1700000000000001,"duration":2,"traceId":"0000000000000001","id":"0000000000000002","name":"post /order","localEndpoint":{"serviceName":"shop","ipv4":"10.0.0.1","port":80},"annotations":[{"timestamp":1700000000000001,"value":"begin"}]}]
name="POST /Order" parent=0000000000000000 timestamp=1700000000000001 duration=0 annotation=1700000000000000 ipv4=00000000000000000000ffff0a000001
name="POST /Order" parent=0000000000000000 timestamp=1700000000000001 duration=1 annotation=1700000000000000 ipv4=00000000000000000000ffff0a000001
WANT
cmp out want
