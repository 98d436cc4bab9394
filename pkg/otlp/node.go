package otlp

import (
	"net/netip"
	"regexp"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// nodeName is the node that a resource says it is on: "" where it does not say. It is sure
// where it is Kubernetes' word: what a process calls its host may be a container's name.
func nodeName(attributes []span.Attribute) (name string, sure bool) {
	var k8s, host, pod, container string
	for _, a := range attributes {
		switch a.Key {
		case "k8s.node.name":
			k8s = a.Value
		case "host.name":
			host = a.Value
		case "k8s.pod.name":
			pod = a.Value
		case "container.id":
			container = a.Value
		}
	}
	switch {
	case k8s != "":
		return k8s, true
	case host == pod, len(host) >= 12 && strings.HasPrefix(container, host), containerName.MatchString(host):
		return "", false
	}
	return host, false
}

// containerName is how Docker and Kubernetes' Deployments name a container's host, where
// nobody gives it another name.
var containerName = regexp.MustCompile(`^([0-9a-f]{12}|.+-[bcdf-hj-np-tv-xz2456789]{8,10}-[bcdf-hj-np-tv-xz2456789]{5})$`)

// node is the node of a resource, as seen by a reader on the node own. What is here has the
// reader's node, by whatever name it calls it itself; the peer's address alone does not tell
// that where Kubernetes names another node, as the peer may be a collector.
func (c *Resources) node(r *resource, own string) string {
	name := r.node
	if name == "" || sameHost(name, own) {
		return own
	}
	if here := own != "" && c.Here != nil && r.pod.IsValid() && c.Here(r.pod); here && (r.stated || !r.sure) {
		return own
	}
	for _, alias := range c.Aliases {
		if sameHost(name, alias) {
			return own
		}
	}
	return name
}

// sameHost compares names of hosts: with and without domain they are one.
func sameHost(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	if isAddress(a) || isAddress(b) {
		return false
	}
	short, domain, _ := strings.Cut(a, ".")
	shortB, domainB, _ := strings.Cut(b, ".")
	return strings.EqualFold(short, shortB) && (domain == "" || domainB == "")
}

func isAddress(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil
}
