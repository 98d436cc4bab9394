package plugin

import (
	"math"
	"regexp"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// textColumn is a column of which most rows repeat what others say: it is sent as an
// enumeration, each word once and a number for each row.
type textColumn struct {
	name  string
	rows  []data.EnumItemIndex
	words []string
	known map[string]data.EnumItemIndex
	last  string
	at    data.EnumItemIndex
	plain []string // in place of all that, where there are too many words
}

const maxWords = math.MaxUint16 + 1 // as many as there are numbers

func (c *textColumn) add(text string) {
	if c.plain != nil {
		c.plain = append(c.plain, text)
		return
	}
	if len(c.rows) == 0 || text != c.last {
		at, known := c.known[text]
		if !known {
			if len(c.words) == maxWords {
				c.spell()
				c.plain = append(c.plain, text)
				return
			}
			at = data.EnumItemIndex(len(c.words))
			c.known[text] = at
			c.words = append(c.words, text)
		}
		c.last, c.at = text, at
	}
	c.rows = append(c.rows, c.at)
}

func (c *textColumn) spell() {
	c.plain = make([]string, len(c.rows), cap(c.rows))
	for i, at := range c.rows {
		c.plain[i] = c.words[at]
	}
}

// empty: nothing is said in any row.
func (c *textColumn) empty() bool {
	return c.plain == nil && (len(c.words) == 0 || len(c.words) == 1 && c.words[0] == "")
}

func (c *textColumn) field() *data.Field {
	// Words that hardly repeat are shorter as they are.
	if c.plain == nil && len(c.words) > 16 && len(c.words) > len(c.rows)/2 {
		c.spell()
	}
	if c.plain != nil {
		return data.NewField(c.name, nil, c.plain)
	}
	return data.NewField(c.name, nil, c.rows).SetConfig(&data.FieldConfig{TypeConfig: &data.FieldTypeConfig{Enum: &data.EnumFieldConfig{Text: c.words}}})
}

// textColumns are those of one frame.
type textColumns []textColumn

func newTextColumns(rows int, names ...string) textColumns {
	columns := make(textColumns, len(names))
	for i, name := range names {
		columns[i] = textColumn{name: name, rows: make([]data.EnumItemIndex, 0, rows), known: map[string]data.EnumItemIndex{}}
	}
	return columns
}

// add appends a row: a text for each column.
func (c textColumns) add(texts ...string) {
	for i, text := range texts {
		c[i].add(text)
	}
}

// fields are the columns that say something.
func (c textColumns) fields() []*data.Field {
	var out []*data.Field
	for i := range c {
		if !c[i].empty() {
			out = append(out, c[i].field())
		}
	}
	return out
}

// reasonValue is what proves a link, within its words: ids and sequence numbers.
var reasonValue = regexp.MustCompile(`\b(?:[0-9a-f]*\d[0-9a-f-]{5,}(?:/[0-9a-f-]+)*)\b`)

// reasonHole stands for the value in a reason's words.
const reasonHole = "\u0001"

// splitReason takes the first long value out of a reason: reasons have few words and many
// values, and the spans of a hop chain share theirs.
func splitReason(reason string) (words, value string) {
	at := reasonValue.FindStringIndex(reason)
	if at == nil {
		return reason, ""
	}
	return reason[:at[0]] + reasonHole + reason[at[1]:], reason[at[0]:at[1]]
}
