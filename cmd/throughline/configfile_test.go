package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// configured is the agent's flags after a command line and a file.
func configured(t *testing.T, file string, args ...string) (*pflag.FlagSet, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "agent.yaml")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := agentCommand().Flags()
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return flags, readConfig(path, flags)
}

func TestFlagsStandOverTheConfigurationFile(t *testing.T) {
	t.Parallel()
	flags, err := configured(t, "# of node 1\nserver: unix:///run/s\notlp-http: 127.0.0.1:4318\notlp-memory: 64\nleave-out-port: [80, 443]\ntoken: geheim\n", "--otlp-http", ":4400")
	if err != nil {
		t.Fatal(err)
	}
	out, err := printConfig(flags)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\nserver: unix:///run/s\n", "\notlp-http: :4400\n", "\notlp-memory: 64\n", "- \"80\"\n    - \"443\"\n"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the effective configuration has no %q:\n%s", want, out)
		}
	}
	if strings.Contains(string(out), "geheim") {
		t.Error("a token is printed")
	}
	again, err := configured(t, string(out))
	if err != nil {
		t.Fatalf("what is printed is no configuration file: %v", err)
	}
	if got := again.Lookup("leave-out-port").Value.String(); got != "[80,443]" {
		t.Errorf("read again: %s", got)
	}
}

func TestAConfigurationFileThatIsWrongSaysWhere(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"otlp-htpp: x\n":             `line 1: there is no setting "otlp-htpp"; do you mean "otlp-http"?`,
		"server: a\nserver: b\n":     "line 2",
		"otlp-memory: much\n":        "line 1: otlp-memory: ",
		"server: [a, b]\n":           "want one value",
		"server:\n  host: a\n":       "want a value",
		"- server\n":                 "name: value",
		"config: other.yaml\n":       "there is no setting",
		"server: \"unterminated\n\n": "configuration",
	} {
		if _, err := configured(t, file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", file, err, want)
		}
	}
	if _, err := configured(t, "# nothing\n"); err != nil {
		t.Error(err)
	}
}

func TestProtocolsAreSwitchedByAMapping(t *testing.T) {
	t.Parallel()
	flags, err := configured(t, "protocols: {MySQL: false, http: true}\n")
	if err != nil {
		t.Fatal(err)
	}
	const want = "http=true,mysql=false"
	if got := flags.Lookup("protocols").Value.String(); got != want {
		t.Errorf("from the file: %s", got)
	}
	out, err := printConfig(flags)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := configured(t, string(out)); err != nil || again.Lookup("protocols").Value.String() != want {
		t.Errorf("what is printed, read again: %v\n%s", err, out)
	}
	if _, err := configured(t, "protocols: {mysql: maybe}\n"); err == nil || !strings.Contains(err.Error(), "mysql=true or mysql=false") {
		t.Errorf("neither on nor off: %v", err)
	}
}
