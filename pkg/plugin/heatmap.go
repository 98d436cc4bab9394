package plugin

import (
	"maps"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/throughline-io/throughline/pkg/store"
)

// slotsPerCell is how many of the store's buckets are a cell's height: four cells for each
// power of two.
const slotsPerCell = 4

// heatmapFrame is the distribution of durations over time, as cells of which the empty ones
// are left out.
func heatmapFrame(read *store.Metrics, q store.MetricsQuery) *data.Frame {
	var (
		end             []time.Time
		from, to, count []float64
	)
	for _, s := range read.Series {
		for _, p := range s.Points {
			cells := map[uint16]uint64{}
			for slot, n := range p.Histogram {
				cells[slot/slotsPerCell] += n
			}
			for _, cell := range slices.Sorted(maps.Keys(cells)) {
				end = append(end, time.Unix(0, p.Time+int64(q.Step)).UTC())
				from, to = append(from, store.SlotStart(cell*slotsPerCell)), append(to, store.SlotStart((cell+1)*slotsPerCell))
				count = append(count, float64(cells[cell]))
			}
		}
	}
	frame := data.NewFrame("durations",
		data.NewField("xMax", nil, end).SetConfig(&data.FieldConfig{Interval: float64(q.Step.Milliseconds())}),
		data.NewField("yMin", nil, from).SetConfig(&data.FieldConfig{Unit: "ns"}),
		data.NewField("yMax", nil, to).SetConfig(&data.FieldConfig{Unit: "ns"}),
		data.NewField("count", nil, count).SetConfig(&data.FieldConfig{Unit: "short"}),
	)
	// Explore takes any frame with times and numbers for a graph, unless it is told a panel.
	frame.Meta = &data.FrameMeta{Type: "heatmap-cells", PreferredVisualizationPluginID: "heatmap", Custom: map[string]any{"stepMs": q.Step.Milliseconds()}}
	return frame
}
