package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const savedSpan = `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"spans":[` +
	`{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"GET /a","kind":2,"startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000000"}]}]}]}`

func TestTraceOpenPrintsAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	one := file("one.json", savedSpan)
	two := file("two.jsonl", savedSpan+"\n"+strings.Replace(savedSpan, "5b8e", "6b8e", 1)+"\n")
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"a tree":           {[]string{one}, "trace 5b8efff798038103d269b633813fc60c  1.00 s  1 span: 1 APP, 0 SYS, 0 NET  0 links\n1.00 s of 1.00 s: code of shop, GET /a\n"},
		"a table":          {[]string{one, "-o", "table"}, "GET /a"},
		"JSON":             {[]string{one, "-o", "json"}, `"sentence":"1.00 s of 1.00 s: code of shop, GET /a"`},
		"several":          {[]string{two}, "2 traces; --trace ID shows one"},
		"one of several":   {[]string{two, "--trace", "6b8efff798038103d269b633813fc60c"}, "trace 6b8efff798038103d269b633813fc60c"},
		"several as one":   {[]string{two, "--trace", "all"}, "2 spans"},
		"another one":      {[]string{two, "--trace", "7"}, "the file has no trace"},
		"no such file":     {[]string{filepath.Join(dir, "none")}, "no such file"},
		"no trace":         {[]string{file("page.html", "<html>")}, "HTML or XML"},
		"no such output":   {[]string{one, "-o", "svg"}, "want tree, table or json"},
		"the piped output": {[]string{"-"}, "the file is empty"},
	} {
		cmd := traceCommand()
		cmd.SetIn(strings.NewReader(""))
		out, err := run(t, cmd, append([]string{"open"}, c.args...)...)
		if err != nil {
			out += err.Error()
		}
		if !strings.Contains(out, c.want) {
			t.Errorf("%s: %s, want %q", name, out, c.want)
		}
	}
}
