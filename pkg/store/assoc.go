package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// The statements that read edges. The depth of the nesting is what makes one statement
// enough: from a trace's group all groups are one step away, from any other one two. What
// that misses is asked for by edgesOfGroups.
const (
	edgeColumns   = "SELECT a, b, bucket, kind FROM assoc WHERE a IN "
	edgesOfGroups = edgeColumns + "{groups:Array(UInt64)}"
)

// edgesByGroup reads the edges of a trace's group and of the groups one step around it. There is
// no bound of time: it would save next to nothing, and cut a trace that reaches beyond it.
const edgesByGroup = edgeColumns + "(SELECT b FROM assoc WHERE a = {group:UInt64})"

// How a span is found by an id: by ours, which holds its minute, or by OpenTelemetry's.
const (
	spanByID     = "bucket = {minute:DateTime('UTC')} AND id = {id:UInt64}"
	spanByOTelID = "span_id = {span:FixedString(8)}"
)

// entryKind marks the row that says which group the span looked for is in.
const entryKind = 255

// edgesBySpan reads the group of a span and the edges up to two steps around it.
func edgesBySpan(where string) string {
	entry := "SELECT grp FROM spans WHERE " + where + " LIMIT 1"
	return "SELECT grp AS a, grp AS b, bucket, toUInt8(255) AS kind FROM spans WHERE " + where + " LIMIT 1 UNION ALL " +
		edgeColumns + "(SELECT b FROM assoc WHERE a IN (SELECT b FROM assoc WHERE a IN (" + entry + ")))"
}

// edges runs one of these statements.
func (w *walk) edges(ctx context.Context, sql string, p params) error {
	var a, b numbers[uint64]
	var minute seconds
	var kind numbers[uint8]
	var rows []edge
	columns := []resultColumn{{"a", &a}, {"b", &b}, {"bucket", &minute}, {"kind", &kind}}
	settings := fastRead
	if strings.Contains(sql, spanByOTelID) {
		settings = nil // here a skip index is the point
	}
	w.statements++
	err := w.store.read(ctx, sql, p, settings, columns, func(n int) error {
		for i := range n {
			e := edge{span.GroupID(a.at(i)), span.GroupID(b.at(i)), minute.at(i), span.EdgeKind(kind.at(i))}
			if e.kind == entryKind {
				if w.graph.entry == 0 {
					w.graph.start(e.a)
				}
				continue
			}
			rows = append(rows, e)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, e := range rows {
		w.graph.add(e)
	}
	if strings.Contains(sql, "{groups:") || w.graph.entry == 0 {
		return nil
	}
	// Whatever group shows edges here was asked for all of them. A group that the entry
	// names and that shows none has none.
	for _, e := range rows {
		w.graph.asked[e.a] = true
	}
	if w.graph.asked[w.graph.entry] {
		for _, e := range w.graph.from[w.graph.entry] {
			w.graph.asked[e.b] = true
		}
	}
	return nil
}

// formatMinute is the minute of a time as a DateTime parameter: the store takes digits for
// seconds where there are enough of them.
func formatMinute(ns int64) string { return fmt.Sprintf("%010d", bucket(ns)) }

func formatUint(v uint64) string { return strconv.FormatUint(v, 10) }

func formatGroups(groups []span.GroupID) string {
	b := []byte{'['}
	for i, g := range groups {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, uint64(g), 10)
	}
	return string(append(b, ']'))
}

func formatPlaces(places []place) string {
	b := []byte{'['}
	for i, p := range places {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '(')
		b = strconv.AppendUint(b, uint64(p.bucket), 10)
		b = append(b, ',')
		b = strconv.AppendUint(b, uint64(p.group), 10)
		b = append(b, ')')
	}
	return string(append(b, ']'))
}

func formatIDs(ids []uint64) string {
	b := []byte{'['}
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, id, 10)
	}
	return string(append(b, ']'))
}
