package store

import (
	"context"
	"fmt"
	"strconv"

	"github.com/throughline-io/throughline/pkg/span"
)

// The statements that read edges.
const (
	edgeColumns   = "SELECT a, b, bucket, kind FROM assoc WHERE a IN "
	edgesOfGroups = edgeColumns + "{groups:Array(UInt64)}"
)

// edges reads the edges of groups. There is no bound of time: it would save next to nothing, and cut
// a trace that reaches beyond it. Several may run at the same time.
func (w *walk) edges(ctx context.Context, groups []span.GroupID) error {
	var a, b numbers[uint64]
	var minute seconds
	var kind numbers[uint8]
	columns := []resultColumn{{"a", &a}, {"b", &b}, {"bucket", &minute}, {"kind", &kind}}
	var rows []edge
	err := w.store.read(ctx, edgesOfGroups, params{"groups": formatGroups(groups)}, byKey, columns, func(n int) error {
		for i := range n {
			rows = append(rows, edge{span.GroupID(a.at(i)), span.GroupID(b.at(i)), minute.at(i), span.EdgeKind(kind.at(i))})
		}
		return nil
	})
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range rows {
		w.graph.add(e)
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
