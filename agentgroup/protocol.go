package agentgroup

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// protocolNames are the application protocols that an agent can be told to look for or not. A test of
// cmd/throughline holds them against those of package l7.
var protocolNames = []string{"http", "http2", "mysql", "fastcgi", "postgresql", "redis", "kafka", "amqp", "mongodb", "dns", "memcached", "nats", "mqtt", "dubbo"}

// Protocols are the names of the application protocols, sorted.
func Protocols() []string { return slices.Sorted(slices.Values(protocolNames)) }

func protocols(n *yaml.Node) (map[string]bool, error) {
	if n.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: want `name: true` or `name: false` of each", said(n))
	}
	on := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := strings.ToLower(n.Content[i].Value)
		if !slices.Contains(protocolNames, name) {
			return nil, fmt.Errorf("there is no protocol %q; do you mean %q?", n.Content[i].Value, Nearest(name, protocolNames))
		}
		v, err := boolean(n.Content[i+1])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if _, twice := on[name]; twice {
			return nil, fmt.Errorf("%s is there twice", name)
		}
		on[name] = *v
	}
	return on, nil
}
