package store

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// Texts that few spans have and few searches ask for are one column of lists; empty ones at a list's
// end are left out. In statements each has its name, as an alias (sql/0016). What most spans have of
// few words is cheaper as a column of words.

// packedTexts are the texts in their order; a new one goes to the end.
var packedTexts = [...]string{"trace_state", "request_id", "x_request_id", "x_response_id"}

// texts writes the column of a batch.
func (b *block) texts(batch *span.Batch) {
	b.header("texts", "Array(String)")
	ends, values := b.ends[:0], b.values[:0]
	state, request, xRequest, xResponse := 0, 0, 0, 0
	for i := range batch.Len() {
		var row [len(packedTexts)][]byte
		row[0], state = batch.TraceState.Next(state)
		row[1], request = batch.RequestID.Next(request)
		row[2], xRequest = batch.XRequestID.Next(xRequest)
		row[3], xResponse = batch.XResponseID.Next(xResponse)
		n := len(row)
		for n > 0 && len(row[n-1]) == 0 {
			n--
		}
		for _, text := range row[:n] {
			values = binary.AppendUvarint(values, uint64(len(text)))
			values = append(values, text...)
		}
		last := uint64(0)
		if i > 0 {
			last = ends[i-1]
		}
		ends = append(ends, last+uint64(n))
	}
	b.ends, b.values = ends, values
	b.list(memory(ends))
	b.list(values)
}

// textLists is an Array(String) column.
type textLists struct {
	ends   numbers[uint64]
	values texts
}

func (*textLists) typ() string { return "Array(String)" }

func (c *textLists) decode(a *answer, rows int) error {
	last, err := decodeEnds(&c.ends, a, rows)
	if err != nil {
		return err
	}
	if err := c.values.decode(a, last); err != nil {
		return fmt.Errorf("values: %w", err)
	}
	return nil
}

// at is the kth text of a row.
func (c *textLists) at(i, k int) string {
	from := 0
	if i > 0 {
		from = int(c.ends.rows[i-1])
	}
	if from+k >= int(c.ends.rows[i]) {
		return ""
	}
	return c.values.rows[from+k]
}

func (c *textLists) gather(g *gathering, rows int) error {
	last, err := gatherEnds(&c.ends, g, rows)
	if err != nil {
		return err
	}
	return c.values.gather(g, last)
}

// TextsOfColumns is the column as an expression on the columns that it was before.
func (schema) TextsOfColumns() string {
	var all []string
	for _, name := range packedTexts {
		all = append(all, "toString("+name+")")
	}
	list := "[" + strings.Join(all, ", ") + "]"
	return "arraySlice(" + list + ", 1, arrayLastIndex(t -> t != '', " + list + "))"
}

// AddTexts are the changes that give each text its name.
func (schema) AddTexts() string {
	var all []string
	for i, name := range packedTexts {
		all = append(all, fmt.Sprintf("ADD COLUMN IF NOT EXISTS %s String ALIAS texts[%d]", name, i+1))
	}
	return strings.Join(all, ", ")
}
