package agent

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/agent/sys"
	"github.com/throughline-io/throughline/agentgroup"
	"github.com/throughline-io/throughline/certificate"
)

// Config says what an agent sees and where it takes it.
type Config struct {
	Name   string // the agent's name, unique among those of a server
	Node   string // the node, and so the clock
	Netns  string // path of the node's network namespace; "": the agent's own
	Server string // "host:port" or "unix:///path"
	// Group is the agent group, by name or id, whose configuration the server gives to the agent;
	// "": DefaultGroup. Control is whether it is asked for.
	Group   string
	Control bool
	Token   string // what the server wants to see, if anything
	// TLS is how the server is reached; nil: without.
	TLS *certificate.Client
	// StateDir is where the agent notes that it is alive, and keeps a log of what it acknowledged and
	// the server does not have; "": nowhere.
	StateDir string
	LogBytes int64 // of that log; 0: 1 GiB
	Version  string

	SYS string // how to hook system calls: "auto", "tp_btf", "tracepoint" or "off"
	NET bool   // whether to capture packets

	// Addresses of the OTLP receivers, in the node's network namespace; "": none.
	OTLPHTTP, OTLPGRPC, OTLPNative string
	// OTLPFrom is who may connect to them: FromNode, FromAll, addresses and networks; empty: FromNode.
	OTLPFrom  []string
	OTLPToken string    // what OTLP senders must show; "": nothing
	OTLPTLS   ServerTLS // how receivers are reached; the zero value: without
	// Origins are the web pages whose scripts may send from a browser; see otlp.Config.
	Origins []string
	// LeaveOutPorts are further TCP ports whose traffic is ours and not the pods'.
	LeaveOutPorts []uint16
	// Admin is where the agent answers for metrics and health: an address or "unix:///path"; "": nowhere.
	Admin string
	Pprof bool // and gives profiles of itself
	// Stats is where the agent tells about itself: an address or "unix:///path"; "": nowhere.
	Stats string

	// OTLPMemory bounds the bytes of memory of the OTLP requests under way; 0: the default of package otlp.
	OTLPMemory int64
	// Protocols switches application protocols on and off by name, such as "mysql": those of SYS and NET
	// spans that are not named are on.
	Protocols map[string]bool
	// SYSTLS says whose words inside of TLS are seen by SYS spans; the zero value: nobody's.
	SYSTLS sys.TLSConfig
	// OpenAfter is how long a request lasts until it is reported although it is not over; 0: 10 s.
	OpenAfter time.Duration
	// KeepSecrets leaves passwords and tokens in what SYS and NET spans say (see package redact).
	KeepSecrets bool

	// NETMemory bounds the bytes that the capture of packets keeps of connections; 0: the default of package net.
	NETMemory int

	// MemoryBound is told the bytes that OTLP and packets may take, at the start and when the group's
	// configuration changes them; nil: nobody is.
	MemoryBound func(int64)

	MaxSpans int // that wait for the server; 0: the default of package export
	// Print, if set, takes the spans as lines of JSON; there is no server then.
	Print io.Writer
	// Inspector is the command that calls sys.ReadGoLayout on its standard input; nil: none.
	Inspector []string
	// Confine drops, after the start, the capabilities and system calls that the agent needs no more.
	Confine bool
	Log     *slog.Logger
}

// ServerTLS are the files of receivers that are reached by TLS.
type ServerTLS struct {
	Cert, Key string
	ClientCA  string // of the certificates that senders must show; "": they need none
}

func (c *Config) check() error {
	var errs []error
	if c.Name == "" {
		errs = append(errs, errors.New("the agent needs a name"))
	}
	if c.Node == "" {
		c.Node = c.Name
	}
	if c.Group == "" {
		c.Group = DefaultGroup
	}
	if err := agentgroup.CheckName(c.Group); err != nil {
		errs = append(errs, fmt.Errorf("agent group %w", err))
	}
	if c.Server == "" && c.Print == nil {
		errs = append(errs, errors.New("no server to send to: give its address, host:port or unix:///path"))
	}
	if c.TLS != nil && strings.HasPrefix(c.Server, "unix:") {
		errs = append(errs, errors.New("a server at a unix socket is reached without TLS: leave out --tls..., or give its host:port"))
	}
	if c.SYS != "off" {
		if _, err := sys.ParseVariant(c.SYS); err != nil {
			errs = append(errs, err)
		}
	}
	for _, a := range []string{c.OTLPHTTP, c.OTLPGRPC, c.OTLPNative} {
		if a == "" {
			continue
		}
		if _, err := portOf(a); err != nil {
			errs = append(errs, fmt.Errorf("OTLP receiver: %w", err))
		}
	}
	if _, err := parseFrom(c.OTLPFrom); err != nil {
		errs = append(errs, err)
	}
	if c.OpenAfter < 0 || c.OpenAfter > 0 && c.OpenAfter < time.Second {
		errs = append(errs, fmt.Errorf("requests that last: %v is too short to report each: want 1s or more", c.OpenAfter))
	}
	if _, err := l7.All.Chosen(c.Protocols); err != nil {
		errs = append(errs, err)
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Version == "" {
		c.Version = "devel"
	}
	return errors.Join(errs...)
}

// portOf is the port of "host:port" or ":port".
func portOf(address string) (uint16, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return 0, fmt.Errorf("address %q: want host:port or :port", address)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("address %q: port %q is not a number from 0 to 65535", address, port)
	}
	return uint16(n), nil
}

// serverPort is the port of a server reached by TCP, whose traffic is ours; 0: none.
func (c *Config) serverPort() uint16 {
	if c.Server == "" || strings.HasPrefix(c.Server, "unix:") {
		return 0
	}
	target := c.Server
	if i := strings.LastIndex(target, "/"); i >= 0 { // dns:///host:port
		target = target[i+1:]
	}
	if a, err := netip.ParseAddrPort(target); err == nil {
		return a.Port()
	}
	port, err := portOf(target)
	if err != nil {
		return 0
	}
	return port
}

// ownPaths are the names of the AF_UNIX sockets that are the agent's: where it tells about itself, and its server's.
func (c *Config) ownPaths() (paths []string) {
	for _, address := range []string{c.Server, c.Admin, c.Stats} {
		if path, ok := strings.CutPrefix(address, "unix:"); ok {
			paths = append(paths, "/"+strings.TrimLeft(path, "/"))
		}
	}
	return paths
}
