package saved_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/throughline-io/throughline/pkg/saved"
	"github.com/throughline-io/throughline/pkg/trace"
)

// Whatever a file holds, it is read or refused with words, and what was read can be shown.
func FuzzRead(f *testing.F) {
	for _, file := range []string{otlpFile, jaegerFile, zipkinFile, otlpFile + "\n" + otlpFile, packed(f, otlpFile), `{"trace_id":"","start_ns":"1","spans":[{"id":"1","parent":null,"source":"SYS","observation_point":"c-p","rule":"","confidence":""},{"id":"2","parent":"1","source":"APP","observation_point":"app","rule":"parent span id","confidence":"proven"}]}`, `{"span":{"ID":"1","Source":"SYS","Point":"c-p","Start":1}}`} {
		f.Add([]byte(file))
	}
	files, err := filepath.Glob("testdata/*.json*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		read, err := saved.Read(file, saved.Limits{Bytes: 1 << 20, Spans: 200})
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		n := 0
		for _, one := range read.Traces {
			n += len(one.Spans)
			trace.Print(one.Assemble(), one.Entity)
			one.Root()
		}
		if n == 0 || n > 200 {
			t.Errorf("%d spans", n)
		}
		if all, err := read.Find(saved.All); err != nil || len(all.Spans) != n {
			t.Errorf("all of %d: %v", n, err)
		}
	})
}
