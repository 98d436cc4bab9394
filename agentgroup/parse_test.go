package agentgroup

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func at[T any](v T) *T { return &v }

func TestADocumentSaysWhatItNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Document{
		"vtap_group_id: g-1\nexternal_agent_http_proxy_enabled: 1\n": {
			Group: "g-1", Settings: Settings{NativePort: at(uint16(38086))}, Names: []string{"otlp-native"}},
		"external_agent_http_proxy_enabled: 1\nexternal_agent_http_proxy_port: 4000\n": {Settings: Settings{NativePort: at(uint16(4000))}, Names: []string{"otlp-native"}},
		// 0 closes the port, whatever the port is.
		"external_agent_http_proxy_enabled: 0\nexternal_agent_http_proxy_port: 4000\n": {Settings: Settings{NativePort: at(uint16(0))}, Names: []string{"otlp-native"}},
		"agent:\n  net: off\n  sys-variant: off\n  open-after: 30s\n  otlp-http: ''\n  protocols: {MySQL: false}\n  otlp-from: []\n  leave-out-port: 80\n  otlp-memory: 2\n  keep-secrets: true\n": {
			Settings: Settings{NET: at(false), SYS: at("off"), OpenAfter: at(30 * time.Second), OTLPHTTP: at(""), Protocols: map[string]bool{"mysql": false}, OTLPFrom: []string{},
				LeaveOutPorts: []uint16{80}, OTLPMemory: at(int64(2 << 20)), KeepSecrets: at(true)},
			Names: []string{"net", "sys-variant", "open-after", "otlp-http", "protocols", "otlp-from", "leave-out-port", "otlp-memory", "keep-secrets"}},
	} {
		got, err := Parse([]byte(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if d := cmp.Diff(&want, got); d != "" {
			t.Errorf("%q: %s", text, d)
		}
	}
}

// What is wrong is named by its line; cmd/throughline has a script with each kind of fault.
func TestADocumentThatIsWrongSaysWhere(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                    "the configuration says nothing",
		"{}":                                  "the configuration says nothing",
		"a: ${X}\n":                           "line 1: ${X} stands there as it is",
		"${X}: 1\n":                           "line 1: ${X} stands there as it is",
		"agent:\n  otlp-from: ['${NET}/8']\n": "line 2: otlp-from: ${NET} stands there as it is",
		"- a\n":                               "line 1: want settings as `name: value`",
		"agent: {}\n---\nagent: {}\n":         "a second document begins",
		"external_agent_http_proxy_enabled: '1'\n":                                    `line 1: external_agent_http_proxy_enabled: "1": want 0 or 1`,
		"external_agent_http_proxy_enabled: 1\nagent: {otlp-native: ':1'}\n":          "otlp-native is said twice",
		"external_agent_http_proxy_enabled: 1\nexternal_agent_http_proxy_port: 1e3\n": "want a port, 1 to 65535",
		"external_agent_http_proxy_enabled:\n":                                        "there is nothing: want 0 or 1",
		"vtap_group_id: [a]\nexternal_agent_http_proxy_enabled: 1\n":                  "vtap_group_id: want the id of a group",
		"agent: 5\n":                           "line 1: agent: want settings of the agent",
		"agent: {state-dir: /tmp}\n":           "state-dir is each agent's own",
		"agent: {otlp-token: geheim}\n":        "otlp-token is each agent's own",
		"agent:\n  <<: {net: on}\n":            "without anchors, aliases and merges",
		strings.Repeat("#", MaxDocument) + "#": "at most 65536 are taken",
	} {
		_, err := Parse([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80q: %v, want %q", text, err, want)
		}
	}
}

// The example is a document, and names each setting that a group can say.
func TestTheExampleHasEveryKey(t *testing.T) {
	t.Parallel()
	if d, err := Parse([]byte(Example)); err != nil || *d.Settings.NativePort != DefaultPort {
		t.Fatalf("%v, %v", d, err)
	}
	var nested strings.Builder
	for line := range strings.Lines(Example[strings.Index(Example, "# agent:"):]) {
		nested.WriteString(strings.TrimPrefix(line, "# "))
	}
	d, err := Parse([]byte(nested.String()))
	if err != nil {
		t.Fatalf("%v in\n%s", err, nested.String())
	}
	slices.Sort(d.Names)
	if diff := cmp.Diff(Names(), d.Names); diff != "" {
		t.Error(diff)
	}
}

func TestADocumentIsGivenTheIDOfItsGroup(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"vtap_group_id: g-1\nagent: {}\n": "vtap_group_id: g-1\nagent: {}\n",
		"# why\nagent: {}":                "# why\nvtap_group_id: g-2\nagent: {}\n",
		"---\nagent: {}\n":                "---\nvtap_group_id: g-2\nagent: {}\n",
		"{agent: {net: on}}":              "vtap_group_id: g-2\nagent: {net: on}\n",
	} {
		if got := string(InDocument([]byte(text), "g-2")); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func TestTheNearestName(t *testing.T) {
	t.Parallel()
	if got := Nearest("Otlp-Htp", Names()); got != "otlp-http" {
		t.Error(got)
	}
	if got := Nearest("x", nil); got != "" {
		t.Error(got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(Example))
	f.Add([]byte("external_agent_http_proxy_enabled: 1\nagent: {protocols: {mysql: false}, otlp-from: [10.0.0.0/8], open-after: 1m}\n"))
	f.Add([]byte("agent: &a {net: on}\nb: *a\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := Parse(text)
		if err != nil || len(text) > MaxDocument-100 {
			return
		}
		// What is taken is taken again with its group in it.
		again, err := Parse(InDocument(text, "g-1"))
		if err != nil {
			t.Fatalf("%v in %q", err, InDocument(text, "g-1"))
		}
		if diff := cmp.Diff(d.Settings, again.Settings); diff != "" {
			t.Fatal(diff)
		}
	})
}
