package skywalking

import (
	"net/netip"
	"strings"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/throughline-io/throughline/agent/protobuf"
)

// Instances keep what the instances of services say of themselves (InstanceProperties): segments only have
// their names. It is safe for concurrent use; the zero value knows none.
type Instances struct {
	mu    sync.Mutex
	known map[instanceName][]attribute
}

type instanceName struct{ service, instance string }

type attribute struct{ key, value string }

// maxInstances bounds those that are known; the rest is learnt again: agents repeat themselves.
const (
	maxInstances = 4096
	maxName      = 512 // bytes of a name, and of a value
)

// addressKey is the attribute with an instance's address.
const addressKey = "app.host.ip"

// properties are those that become attributes of the resource, by their names in several languages.
var properties = map[string]string{"language": "telemetry.sdk.language", "Process No.": "process.pid", "namespace": "service.namespace", "ipv4": addressKey}

// Report reads an InstanceProperties.
func (i *Instances) Report(b []byte) error {
	var of instanceName
	var list []attribute
	for len(b) > 0 {
		f, rest, err := protobuf.Next(b)
		if err != nil {
			return err
		}
		if b = rest; f.Type != protowire.BytesType || len(f.Bytes) > 3*maxName {
			continue
		}
		switch f.Number {
		case 1:
			of.service = string(f.Bytes)
		case 2:
			of.instance = string(f.Bytes)
		case 3:
			key, value, err := pair(f.Bytes)
			if err != nil {
				return err
			}
			if as := properties[string(key)]; as != "" && len(list) < len(properties) && len(value) > 0 {
				list = append(list, attribute{as, string(value)})
			}
		}
	}
	list = withAddress(list)
	if len(of.service) > maxName || len(of.instance) > maxName || of.instance == "" {
		return nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if _, known := i.known[of]; i.known == nil || !known && len(i.known) >= maxInstances {
		i.known = map[instanceName][]attribute{}
	}
	i.known[of] = list
	return nil
}

// withAddress leaves out an address that is none that others could reach, or one of several.
func withAddress(list []attribute) (kept []attribute) {
	for _, a := range list {
		if len(a.value) > maxName {
			continue
		}
		if a.key == addressKey {
			if addr, err := netip.ParseAddr(strings.TrimSpace(a.value)); err != nil || addr.Unmap().IsLoopback() || addr.Unmap().IsUnspecified() {
				continue
			}
		}
		kept = append(kept, a)
	}
	return kept
}

// attributes are those of an instance. The list is not to be changed.
func (i *Instances) attributes(service, instance []byte) []attribute {
	if i == nil {
		return nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.known[instanceName{string(service), string(instance)}]
}
