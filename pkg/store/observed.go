package store

import (
	"cmp"

	"github.com/throughline-io/throughline/pkg/span"
)

// Observed says from where requests are counted. One request is seen at up to ten points of
// its path, and each is a span.
type Observed string

// The ways to count.
const (
	// Served counts a request once, as its server saw it.
	Served Observed = "served"
	// Called counts a request once, as its caller saw it.
	Called Observed = "called"
	// Everything counts every span.
	Everything Observed = "all"
)

// view is a way in which a request is seen, the best one first: with the kernel's eyes, with
// the code's, in packets. 0 is none.
type view uint8

const (
	noView view = iota
	serverProcess
	serverCode
	serverPod
	serverNode
	clientProcess
	clientCode
	clientPod
	clientNode
)

// The views as a condition.
const (
	servedViews = "(source = 2 AND point = 8 OR source = 1 AND kind IN (2, 5) OR source = 3 AND point IN (6, 7))"
	calledViews = "(source = 2 AND point = 2 OR source = 1 AND kind IN (3, 4) OR source = 3 AND point IN (3, 4))"
	bothViews   = "(" + servedViews + " OR " + calledViews + ")"
)

func viewOf(source span.Source, point span.Point, kind span.Kind) view {
	switch {
	case source == span.SYS && point == span.PointServerProcess:
		return serverProcess
	case source == span.SYS && point == span.PointClientProcess:
		return clientProcess
	case source == span.APP && (kind == span.KindServer || kind == span.KindConsumer):
		return serverCode
	case source == span.APP && (kind == span.KindClient || kind == span.KindProducer):
		return clientCode
	case source == span.NET && point == span.PointServer:
		return serverPod
	case source == span.NET && point == span.PointServerNode:
		return serverNode
	case source == span.NET && point == span.PointClient:
		return clientPod
	case source == span.NET && point == span.PointClientNode:
		return clientNode
	}
	return noView
}

// party is an end of a request: an entity, or where it is not known a service's name.
type party struct {
	entity  uint64
	service string
}

// ends are the parties of a row.
func (r *requestRow) ends() (client, server party) {
	client, server = party{entity: r.clientEntity}, party{entity: r.serverEntity}
	own := party{entity: r.entity, service: r.service}
	switch v := viewOf(r.source, r.point, r.kind); v {
	case serverProcess, serverCode:
		server = party{entity: cmp.Or(r.entity, r.serverEntity), service: r.service}
	case clientProcess, clientCode:
		client = party{entity: cmp.Or(own.entity, r.clientEntity), service: r.service}
	}
	return client, server
}

// seenAs is what a request is counted once by: the same ends and protocol, at different
// points of the path. A step of time is part of it: what saw a service only since a while ago
// says nothing of the time before.
type seenAs struct {
	client, server uint64 // client 0: whoever calls
	name           string // of a server without entity
	step           int64
	protocol       string
}

// viewSteps is in how many parts a range is cut in which one view counts.
const viewSteps = 24

// viewStep is the length of such a part, in seconds: whole minutes.
func viewStep(from, to int64) uint32 {
	return uint32(max(1, (to-from)/(viewSteps*minute)) * 60)
}

// withoutSteps is for sums over all of a range, once it is known what counts in each part.
func withoutSteps(rows []requestRow) []requestRow {
	for i := range rows {
		rows[i].step = 0
	}
	return rows
}

// once keeps of each request the rows of its best view. A row without protocol (a span of
// code that does not say it) gives way to any protocol's.
func once(rows []requestRow, byPair func(*requestRow) seenAs) []requestRow {
	best := map[seenAs]view{}
	note := func(k seenAs, v view) {
		if old, ok := best[k]; !ok || v < old {
			best[k] = v
		}
	}
	key := func(r *requestRow) seenAs {
		k := byPair(r)
		k.step = r.step
		return k
	}
	for i := range rows {
		r := &rows[i]
		v, k := viewOf(r.source, r.point, r.kind), key(r)
		note(k, v)
		if k.protocol != "" {
			k.protocol = ""
			note(k, v)
		}
	}
	kept := rows[:0]
	for _, r := range rows {
		if best[key(&r)] == viewOf(r.source, r.point, r.kind) {
			kept = append(kept, r)
		}
	}
	return kept
}
