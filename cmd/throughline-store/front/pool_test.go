package front

import (
	"testing"

	"github.com/throughline-io/throughline/cmd/throughline-store/libchdb"
)

func TestAStatementGetsTheConnectionThatHasItsSettings(t *testing.T) {
	t.Parallel()
	opened := 0
	p := newPool(3, func() *lease { return &lease{readOnly: true, memory: 1 << 20} })
	take := func(settings map[string]string) *lease {
		c := p.get(t.Context(), &statement{settings: settings, database: "throughline"})
		if !c.has(settings, "throughline") { // as apply does
			opened++
			c.conn, c.database, c.settings = new(libchdb.Conn), "throughline", c.wanted(settings)
		}
		return c
	}
	one, two := map[string]string{"max_threads": "1", "not_for_readers": "1"}, map[string]string{}
	for range 5 {
		p.put(take(one))
		p.put(take(two))
	}
	if opened != 2 {
		t.Errorf("%d connections were opened for two kinds of statements, one after the other; want 2", opened)
	}
	a, b := take(one), take(one)
	if a == b || opened != 3 {
		t.Errorf("%d connections were opened with two statements of a kind at once; want 3", opened)
	}
	p.put(a)
	p.put(b)
}
