package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// MapQuery asks for who calls whom.
type MapQuery struct {
	From, To int64    // Unix ns; To 0 is now, From 0 an hour before
	Filters  []Filter // on either end
	Limit    int      // of nodes, the busiest ones (200)
}

// ServiceMap is who calls whom.
type ServiceMap struct {
	Seconds      float64 // length of the range, for rates
	Nodes        []MapNode
	Edges        []MapEdge
	DroppedNodes int
	DroppedEdges int
	Truncated    string
}

// MapNode is a service, or what stands for it: a workload, a pod, an address. All callers
// from outside the cluster are one node.
type MapNode struct {
	ID        string
	Name      string
	Namespace string
	Workload  string
	Type      string // of the entity: pod, node, process, external; Topic; "" where not known
	Protocols []string
	Served    Traffic // requests to it
	Sent      Traffic // requests of it
}

// MapEdge are the requests of one node to another.
type MapEdge struct {
	Client, Server string // ids of nodes
	Protocols      []string
	Traffic
}

// Traffic is a number of requests.
type Traffic struct {
	Count, Errors uint64
	Histogram     Histogram
}

func (t *Traffic) add(r *requestRow) {
	t.Count += r.count
	if r.status.Error() {
		t.Errors += r.count
	}
	if t.Histogram == nil {
		t.Histogram = Histogram{}
	}
	t.Histogram.add(r.slots, r.counts)
}

const maxNodes = 200

// Topic is the type of a node that messages go through.
const Topic = "topic"

// PeerID begins the ids of nodes that code names and that send no spans.
const PeerID = "peer/"

// Outside is the id of the node that stands for all callers that no entity is known of.
const Outside = "outside"

// ServiceMap reads who calls whom. A request is counted once, by the best that saw it: the
// server's process before its code, before packets, before the caller's side.
func (s *Store) ServiceMap(ctx context.Context, q MapQuery) (*ServiceMap, error) {
	now := time.Now()
	m := MetricsQuery{From: q.From, To: q.To}
	if err := m.check(now); err != nil {
		return nil, fmt.Errorf("service map: %w", err)
	}
	filters, err := s.bySender(ctx, m.From, m.To, q.Filters)
	if err != nil {
		return nil, fmt.Errorf("service map: %w", err)
	}
	rows, cut, err := s.requests(ctx, mapRequests(m.From, m.To, filters))
	if err != nil {
		return nil, fmt.Errorf("service map: %w", err)
	}
	entities, err := s.names(ctx, rows)
	if err != nil {
		return nil, fmt.Errorf("service map: %w", err)
	}
	rows = once(rows, func(r *requestRow) seenAs {
		client, server := r.ends()
		return seenAs{client: client.entity, server: server.entity, name: nameless(server), protocol: r.protocol}
	})
	rows = withoutSteps(rows)
	out := &ServiceMap{Seconds: coveredSeconds(0, 0, m.From, m.To, now)}
	if cut {
		out.Truncated = fmt.Sprintf("more than %d pairs of ends; narrow the query", maxRequestRows)
	}
	code, err := s.codeEdges(ctx, m.From, m.To)
	if err != nil {
		return nil, fmt.Errorf("service map: calls that only code saw: %w", err)
	}
	var ids []uint64
	for i := range code {
		ids = append(ids, code[i].client.entity, code[i].server.entity)
	}
	more, err := s.Entities(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("service map: %w", err)
	}
	maps.Copy(entities, more)
	parts := &mapped{nodes: map[string]*MapNode{}, edges: map[[2]string]*MapEdge{}, seen: map[[2]string]bool{}}
	parts.addRows(rows, entities)
	parts.addCode(code, entities, len(q.Filters) > 0)
	out.gather(parts, min(cmp.Or(max(q.Limit, 0), maxNodes), maxNodes))
	return out, nil
}

func mapRequests(from, to int64, filters []Filter) requestsQuery {
	return requestsQuery{
		from: from, to: to, step: viewStep(from, to), views: bothViews, filters: filters, histograms: true,
		by: []string{"source", "point", "kind", "status", "service", "protocol", "entity", "client_entity", "server_entity", "step"},
	}
}

// mapped are a map's parts while it is made: nodes by id, edges by both.
type mapped struct {
	nodes map[string]*MapNode
	edges map[[2]string]*MapEdge
	seen  map[[2]string]bool // a node's calls by a protocol that an agent saw: their servers are known
}

// addRows adds what the roll-up has.
func (m *mapped) addRows(rows []requestRow, entities map[uint64]span.Entity) {
	nodes, edges := m.nodes, m.edges
	for i := range rows {
		r := &rows[i]
		client, server := r.ends()
		to := mapNode(nodes, server, entities, false)
		if to == nil {
			continue // a call within a process, or to who knows where
		}
		to.Served.add(r)
		addText(&to.Protocols, r.protocol)
		from := mapNode(nodes, client, entities, true)
		if from == nil {
			continue
		}
		from.Sent.add(r)
		if r.source != span.APP {
			m.seen[[2]string{from.ID, r.protocol}] = true
		}
		key := [2]string{from.ID, to.ID}
		if edges[key] == nil {
			edges[key] = &MapEdge{Client: from.ID, Server: to.ID}
		}
		edges[key].add(r)
		addText(&edges[key].Protocols, r.protocol)
	}
}

// gather keeps the busiest nodes and the edges between them.
func (m *ServiceMap) gather(parts *mapped, limit int) {
	nodes, edges := parts.nodes, parts.edges
	sorted := slices.SortedFunc(maps.Values(nodes), func(a, b *MapNode) int {
		return cmp.Or(cmp.Compare(b.Served.Count+b.Sent.Count, a.Served.Count+a.Sent.Count), cmp.Compare(a.ID, b.ID))
	})
	if len(sorted) > limit {
		m.DroppedNodes = len(sorted) - limit
		for _, n := range sorted[limit:] {
			delete(nodes, n.ID)
		}
		sorted = sorted[:limit]
	}
	for _, n := range sorted {
		m.Nodes = append(m.Nodes, *n)
	}
	for _, e := range slices.SortedFunc(maps.Values(edges), func(a, b *MapEdge) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Client, b.Client), cmp.Compare(a.Server, b.Server))
	}) {
		if nodes[e.Client] == nil || nodes[e.Server] == nil {
			m.DroppedEdges++
			continue
		}
		m.Edges = append(m.Edges, *e)
	}
}

// mapNode is the node of a party; nil where nothing is known of it.
func mapNode(nodes map[string]*MapNode, p party, entities map[uint64]span.Entity, calls bool) *MapNode {
	e := entities[p.entity]
	name := serviceName(p, entities)
	id := name
	switch {
	case calls && e.Type == span.External:
		id, name = Outside, "outside"
	case name == "":
		return nil
	case e.Namespace != "":
		id = e.Namespace + "/" + name
	}
	n := nodes[id]
	if n == nil {
		n = &MapNode{ID: id, Name: name, Namespace: e.Namespace, Workload: e.Workload, Type: e.Type}
		nodes[id] = n
	}
	return n
}

func addText(list *[]string, text string) {
	if text == "" {
		return
	}
	if at, found := slices.BinarySearch(*list, text); !found {
		*list = slices.Insert(*list, at, text)
	}
}
