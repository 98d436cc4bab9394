package spool

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Where the file system takes it, large writes and reads go past the page cache; where not, as ever.
func TestLargeFilesFallBack(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]bool{"taken": false, "refused": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := os.OpenFile(filepath.Join(t.TempDir(), "file"), os.O_RDWR|os.O_CREATE, 0o600)
			if err != nil {
				t.Fatal(err)
			}
			large := largeFile{File: f, flag: os.O_RDWR, refused: refused}
			defer large.Close()
			want := filled(record(1, 2*directBytes))
			if _, err := large.WriteAt(want, block); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, len(want))
			if _, err := large.ReadAt(got, block); err != nil || !slices.Equal(got, want) {
				t.Fatalf("read something else: %v", err)
			}
			if large.direct == nil && !large.refused {
				t.Fatal("the page cache was not passed")
			}
		})
	}
}
