package plugin

import (
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// sharedRows are columns of which few combinations exist: who saw a span at which point is
// the same for thousands of spans. Each combination is sent once, and for each row its number.
type sharedRows struct {
	Field   string              `json:"field"`
	Columns map[string][]string `json:"columns"`
}

// sharedField is the field with the numbers.
const sharedField = "seenAt"

// sharedColumns are worth putting together: they go with the process, pod or interface.
var sharedColumns = map[string]bool{
	"source": true, "point": true, "kind": true, "service": true, "node": true, "pod": true, "ofPod": true, "namespace": true, "interface": true,
	"interfaceType": true, "tunnel": true, "protocol": true, "client": true, "server": true, "status": true, "rule": true, "confidence": true,
}

// minRowsToShare: below, a column of its own is easier to read than it is long.
const minRowsToShare = 1000

// share takes the columns out that go together, where that saves something; nil where not.
func (c textColumns) share() (rest textColumns, field *data.Field, shared *sharedRows) {
	var together []*textColumn
	for i := range c {
		if sharedColumns[c[i].name] && c[i].plain == nil && !c[i].empty() {
			together = append(together, &c[i])
		} else {
			rest = append(rest, c[i])
		}
	}
	if len(together) < 2 || len(together[0].rows) < minRowsToShare {
		return c, nil, nil
	}
	n := len(together[0].rows)
	numbers := make([]uint16, n)
	known := map[[20]data.EnumItemIndex]uint16{}
	shared = &sharedRows{Field: sharedField, Columns: map[string][]string{}}
	for i := range n {
		var key [20]data.EnumItemIndex // as many as there are shared columns, and more
		for k, column := range together {
			key[k] = column.rows[i]
		}
		at, ok := known[key]
		if !ok {
			if len(known) >= min(n/8, maxWords) {
				return c, nil, nil // too many for a gain
			}
			at = uint16(len(known))
			known[key] = at
			for _, column := range together {
				shared.Columns[column.name] = append(shared.Columns[column.name], column.words[column.rows[i]])
			}
		}
		numbers[i] = at
	}
	return rest, data.NewField(sharedField, nil, numbers), shared
}
