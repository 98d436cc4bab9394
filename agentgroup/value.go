package agentgroup

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// set reads one setting of the agent's configuration file.
func set(s *Settings, name string, n *yaml.Node) (err error) {
	switch name {
	case "otlp-http":
		s.OTLPHTTP, err = address(n)
	case "otlp-grpc":
		s.OTLPGRPC, err = address(n)
	case "otlp-native":
		s.OTLPNative, err = address(n)
	case "otlp-from":
		s.OTLPFrom, err = list(n, checkFrom)
	case "sys-variant":
		s.SYS, err = oneOf(n, "auto", "tp_btf", "tracepoint", "off")
	case "net":
		s.NET, err = onOff(n)
	case "protocols":
		s.Protocols, err = protocols(n)
	case "open-after":
		s.OpenAfter, err = duration(n, time.Second, 24*time.Hour)
	case "keep-secrets":
		s.KeepSecrets, err = boolean(n)
	case "otlp-memory":
		s.OTLPMemory, err = mebibytes(n)
	case "net-memory":
		s.NETMemory, err = mebibytes(n)
	case "log-size":
		s.LogBytes, err = mebibytes(n)
	case "max-spans":
		var v *int64
		if v, err = integer(n, 1000, 100_000_000); err == nil {
			spans := int(*v)
			s.MaxSpans = &spans
		}
	case "leave-out-port":
		s.LeaveOutPorts, err = ports(n)
	case "otlp-origin":
		s.Origins, err = list(n, checkOrigin)
	default:
		err = errors.New("it is not read") // a name of settings without a line here
	}
	return err
}

func scalar(n *yaml.Node, want string) (string, error) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return "", fmt.Errorf("%s: want %s", said(n), want)
	}
	return n.Value, nil
}

func address(n *yaml.Node) (*string, error) {
	const want = `host:port, :port, or "" for no receiver`
	v, err := scalar(n, want)
	if err != nil || v == "" {
		return &v, err
	}
	host, port, err := net.SplitHostPort(v)
	number, wrong := strconv.ParseUint(port, 10, 16)
	if err != nil || wrong != nil || number == 0 {
		return nil, fmt.Errorf("%s: want %s, the port 1 to 65535", said(n), want)
	}
	if host != "" {
		if _, err := netip.ParseAddr(host); err != nil && strings.ContainsAny(host, " /:") {
			return nil, fmt.Errorf("%s: want %s", said(n), want)
		}
	}
	return &v, nil
}

func oneOf(n *yaml.Node, values ...string) (*string, error) {
	want := "one of " + strings.Join(values, ", ")
	v, err := scalar(n, want)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(values, v) {
		return nil, fmt.Errorf("%s: want %s", said(n), want)
	}
	return &v, nil
}

// onOff takes what a flag would, and what YAML 1.1 makes of it.
func onOff(n *yaml.Node) (*bool, error) {
	v, err := scalar(n, "on or off")
	on := v == "on" || v == "true"
	if err == nil && !on && v != "off" && v != "false" {
		err = fmt.Errorf("%s: want on or off", said(n))
	}
	return &on, err
}

func boolean(n *yaml.Node) (*bool, error) {
	v, err := scalar(n, "true or false")
	if err == nil && v != "true" && v != "false" {
		err = fmt.Errorf("%s: want true or false", said(n))
	}
	on := v == "true"
	return &on, err
}

func integer(n *yaml.Node, least, most int64) (*int64, error) {
	want := fmt.Sprintf("a number from %d to %d", least, most)
	v, err := scalar(n, want)
	if err != nil {
		return nil, err
	}
	number, err := strconv.ParseInt(v, 10, 64)
	if err != nil || number < least || number > most || !isInt(n) {
		return nil, fmt.Errorf("%s: want %s", said(n), want)
	}
	return &number, nil
}

func mebibytes(n *yaml.Node) (*int64, error) {
	v, err := integer(n, 1, 1<<20)
	if err != nil {
		return nil, fmt.Errorf("%w, in MiB", err)
	}
	bytes := *v << 20
	return &bytes, nil
}

func duration(n *yaml.Node, least, most time.Duration) (*time.Duration, error) {
	want := fmt.Sprintf("a time such as 10s, from %v to %v", least, most)
	v, err := scalar(n, want)
	if err != nil {
		return nil, err
	}
	d, err := time.ParseDuration(v)
	if err != nil || d < least || d > most {
		return nil, fmt.Errorf("%s: want %s", said(n), want)
	}
	return &d, nil
}

// maxList bounds the values of a list.
const maxList = 1000

func list(n *yaml.Node, check func(string) error) ([]string, error) {
	if n.Kind == yaml.ScalarNode {
		n = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{n}}
	}
	if n.Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("%s: want a list", said(n))
	}
	if len(n.Content) > maxList {
		return nil, fmt.Errorf("%d values: want at most %d", len(n.Content), maxList)
	}
	values := make([]string, 0, len(n.Content)) // empty is not nil: it says that there is nothing
	for _, c := range n.Content {
		if placeholder.MatchString(c.Value) {
			return nil, fmt.Errorf("%s stands there as it is, and nothing replaces it; write the value", placeholder.FindString(c.Value))
		}
		v, err := scalar(c, "a list of values")
		if err == nil {
			err = check(v)
		}
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

func checkFrom(v string) error {
	if v == "node" || v == "all" {
		return nil
	}
	if _, err := netip.ParseAddr(v); err == nil {
		return nil
	}
	if _, err := netip.ParsePrefix(v); err != nil {
		return fmt.Errorf("%q: want node, all, an address, or a network such as 10.0.0.0/8", v)
	}
	return nil
}

func checkOrigin(v string) error {
	if v == "*" {
		return nil
	}
	if u, err := url.Parse(v); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf(`%q: want a page's origin such as https://shop.example, or "*"`, v)
	}
	return nil
}

func ports(n *yaml.Node) ([]uint16, error) {
	values, err := list(n, func(v string) error {
		if number, err := strconv.ParseUint(v, 10, 16); err != nil || number == 0 {
			return fmt.Errorf("%q: want ports, 1 to 65535", v)
		}
		return nil
	})
	all := make([]uint16, 0, len(values))
	for _, v := range values {
		number, _ := strconv.ParseUint(v, 10, 16) // it was checked
		all = append(all, uint16(number))
	}
	return all, err
}
