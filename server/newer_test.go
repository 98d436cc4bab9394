package server

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/store"
)

// After an upgrade the earlier version does not start on the store, and says why, in place of trying for ever.
func TestAServerEndsAtAStoreOfANewerVersion(t *testing.T) {
	t.Parallel()
	clickhouse := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		switch asked := string(text) + r.URL.Query().Get("query"); {
		case strings.Contains(asked, "schema_steps") && !strings.Contains(asked, "system.tables"):
			fmt.Fprintln(w, "0001_assoc\n9001_of_later")
		default:
			fmt.Fprintln(w, 1)
		}
	}))
	t.Cleanup(clickhouse.Close)
	r, err := begin(shortDir(t), func(c *Config) { c.Store = clickhouse.URL + "/throughline" })
	if err != nil {
		t.Fatal(err)
	}
	defer r.stop()
	<-r.done
	if !errors.Is(r.err, store.ErrNewer) || !strings.Contains(r.err.Error(), "9001_of_later") {
		t.Errorf("it ended with %v", r.err)
	}
}
