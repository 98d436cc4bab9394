package main

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// api answers like a server, and notes what it was asked.
func api(t *testing.T) (server *httptest.Server, asked *[]string) {
	t.Helper()
	asked = new([]string)
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.URL.RequestURI()+" "+r.Header.Get("Authorization"))
		switch r.URL.Path {
		case "/api/v1/traces/0af7651916cd43dd":
			io.WriteString(w, `{"trace_id":null,"counts":{"total":1,"sys":1},"spans":[{"id":"0af7651916cd43dd","parent":null,"source":"SYS","observation_point":"c-p","name":"GET /","start":1,"end":2001,"node":"node0"}]}`)
		case "/api/v1/search":
			io.WriteString(w, `{"spans":[{"id":"0af7651916cd43dd","trace_id":"","source":"SYS","service":"shop","request":"GET /","start":1767225600000000000,"duration":1500000}],"limited":true}`)
		case "/api/v1/status":
			io.WriteString(w, `{"store":{"state":"down","error":"gone\u001b[2J"},"agents":[{"name":"node0"}]}`)
		default:
			w.WriteHeader(http.StatusNotFound)
			io.WriteString(w, `{"error":"trace not found"}`)
		}
	}))
	t.Cleanup(server.Close)
	return server, asked
}

// run executes a command line.
func run(t *testing.T, cmd *cobra.Command, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs(args)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestTraceCommandsPrint(t *testing.T) {
	t.Parallel()
	server, asked := api(t)
	f := func(want string, cmd *cobra.Command, args ...string) {
		t.Helper()
		out, err := run(t, cmd, append(args, "--server", server.URL, "--token", "secret")...)
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("%v: error %v, output lacks %q:\n%s", args, err, want, out)
		}
		if strings.ContainsRune(out, '\x1b') {
			t.Errorf("%v: escapes where there is no terminal:\n%q", args, out)
		}
	}
	f("S GET /    2.00 µs  c-p   node0", traceCommand(), "get", "0af7651916cd43dd")
	f("0af7651916cd43dd  -       SYS", traceCommand(), "get", "0af7651916cd43dd", "-o", "table")
	f(`"trace_id":null`, traceCommand(), "get", "0af7651916cd43dd", "-o", "json")
	f("2026-01-01 00:00:00.000   1.50 ms  0af7651916cd43dd", traceCommand(), "search", "--service", "shop*", "--min-duration", "1ms", "--attribute", "a=b")
	f("the newest 1; there may be more", traceCommand(), "search")
	f("down", ctlCommand(), "status")
	const want = "/api/v1/search?attribute=a%3Db&limit=20&min_duration=1ms&service=shop%2A Bearer secret"
	if got := (*asked)[3]; got != want {
		t.Errorf("asked %s\nwant  %s", got, want)
	}
}

func TestCommandsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	server, _ := api(t)
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	f := func(want string, cmd *cobra.Command, args ...string) {
		t.Helper()
		if _, err := run(t, cmd, args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want it to say %q", args, err, want)
		}
	}
	f("trace not found", traceCommand(), "get", "nothing", "--server", server.URL)
	f("is it running", traceCommand(), "get", "x", "--server", "unix://"+l.Addr().String())
	f("want http://host:port", traceCommand(), "get", "x", "--server", "ftp://host")
	f("want tree, table, json or spans", traceCommand(), "get", "x", "-o", "xml", "--server", server.URL)
	f("want auto, always or never", traceCommand(), "search", "--color", "sometimes", "--server", server.URL)
	f("arg", traceCommand(), "get")
	f("want auto, always or never", serverCommand(), "--auth", "sometimes", "--data-dir", t.TempDir())
}
