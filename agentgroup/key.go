package agentgroup

import (
	"slices"
	"strings"
)

// The keys of a document.
const (
	keyGroup   = "vtap_group_id"
	keyEnabled = "external_agent_http_proxy_enabled"
	keyPort    = "external_agent_http_proxy_port"
	keyAgent   = "agent"
)

// DefaultPort is that of the receiver that collectors send to, where a document names none.
const DefaultPort = 38086

var flatKeys = []string{keyGroup, keyEnabled, keyPort, keyAgent}

// When says when a setting takes effect in an agent that runs.
type When uint8

// Reading is the only way to know: an agent tells what waits for its next start.
const (
	AtOnce      When = iota
	AtNextStart      // it is kept until then
	Never            // it is the node's own: a group cannot say it
)

// settings are all names of an agent's configuration file, and when a group's value takes effect.
// A test of cmd/throughline holds them against the flags of the agent.
var settings = map[string]When{
	"otlp-http": AtOnce, "otlp-grpc": AtOnce, "otlp-native": AtOnce, "otlp-from": AtOnce,
	"sys-variant": AtOnce, "net": AtOnce, "protocols": AtOnce, "open-after": AtOnce, "keep-secrets": AtOnce,
	"otlp-memory": AtOnce, "net-memory": AtOnce, "max-spans": AtOnce,

	"leave-out-port": AtNextStart, "log-size": AtNextStart, "otlp-origin": AtNextStart,

	"name": Never, "node": Never, "netns": Never, "group": Never, "control": Never, "server": Never, "token": Never, "tls": Never, "tls-ca": Never,
	"tls-server-name": Never, "tls-cert": Never, "tls-key": Never, "state-dir": Never, "admin": Never, "pprof": Never, "stats": Never,
	"sys-tls": Never, "sys-tls-except": Never, "otlp-token": Never, "otlp-tls-cert": Never, "otlp-tls-key": Never, "otlp-tls-client-ca": Never, "confine": Never,
}

// TakesEffect says when a setting does; ok is false where there is no such setting.
func TakesEffect(setting string) (when When, ok bool) {
	when, ok = settings[setting]
	return when, ok
}

// Names are the settings that a group can say, sorted.
func Names() (names []string) {
	for name, when := range settings {
		if when != Never {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Nearest is the name of the list that takes the fewest changes of a letter; "" of an empty list.
func Nearest(name string, list []string) (best string) {
	fewest := -1
	for _, one := range list {
		if n := changes(strings.ToLower(name), one); fewest < 0 || n < fewest {
			best, fewest = one, n
		}
	}
	return best
}

// changes is Levenshtein's distance.
func changes(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
