package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/spf13/pflag"

	"github.com/throughline-io/throughline/agent"
	"github.com/throughline-io/throughline/certificate"
)

// agentFlags are the settings of an agent, as flags.
type agentFlags struct {
	agent.Config
	net   string
	ports []uint
	tls   bool
	files certificate.Client

	otlpMemory, logSize int64 // MiB
	netMemory           int

	configFile, confine, control string
}

func (a *agentFlags) register(f *pflag.FlagSet) {
	f.StringVar(&a.Name, "name", "", "name of the agent, unique among those of the server (default: the node's name)")
	f.StringVar(&a.Node, "node", "", "name of the node (default: the host's name)")
	f.StringVar(&a.Netns, "netns", "", "path of the node's network namespace, such as /var/run/netns/NAME (default: the agent's own)")
	f.StringVar(&a.Group, "group", agent.DefaultGroup, "agent group, by name or id, whose configuration the server gives to this agent; what it says stands over these flags")
	f.StringVar(&a.control, "control", "on", "follow the configuration of the agent group: on or off")
	f.StringVar(&a.Server, "server", "127.0.0.1:20033", "the server: host:port or unix:///path")
	f.StringVar(&a.Token, "token", "", "what the server's --token says, where it has one (default: $THROUGHLINE_TOKEN)")
	f.BoolVar(&a.tls, "tls", false, "reach the server by TLS; the further --tls-... imply it")
	f.StringVar(&a.files.CA, "tls-ca", "", "certificate authority of the server, a PEM file (default: those of the system)")
	f.StringVar(&a.files.Name, "tls-server-name", "", "name in the server's certificate, where --server has another")
	f.StringVar(&a.files.Cert, "tls-cert", "", "certificate to show to a server with --tls-client-ca, a PEM file; like the others read again when it changes")
	f.StringVar(&a.files.Key, "tls-key", "", "key of that certificate, a PEM file")
	f.StringVar(&a.StateDir, "state-dir", "", "directory in which spans that were acknowledged lie until the server has them, also while the agent restarts, and in which it notes that it is alive (default: none: they wait in memory)")
	f.Int64Var(&a.logSize, "log-size", 1024, "MiB of disk for the log in --state-dir; when it is full senders are told to come later")
	f.StringVar(&a.SYS, "sys-variant", "auto", "how to hook system calls: auto, tp_btf, tracepoint or off")
	f.StringVar(&a.net, "net", "on", "capture packets: on or off")
	f.StringVar(&a.OTLPHTTP, "otlp-http", ":4318", `address for OTLP/HTTP in the node's network namespace ("": none)`)
	f.StringVar(&a.OTLPGRPC, "otlp-grpc", ":4317", `address for OTLP/gRPC ("": none)`)
	f.StringVar(&a.OTLPNative, "otlp-native", ":38086", `address for OTLP/HTTP at /api/v1/otel/trace, as collectors are set up for ("": none)`)
	f.StringSliceVar(&a.OTLPFrom, "otlp-from", []string{agent.FromNode}, "who may send OTLP: "+agent.FromNode+" (this node and its pods), "+agent.FromAll+", an address, or a network such as 10.0.0.0/8; may be repeated")
	f.UintSliceVar(&a.ports, "leave-out-port", nil, "TCP port whose traffic is not traced, such as that of another agent's server; may be repeated")
	f.StringVar(&a.Admin, "admin", "", "where to answer for /metrics, /healthz and /readyz: host:port or unix:///path (default: nowhere)")
	f.BoolVar(&a.Pprof, "pprof", false, "give profiles of the agent at --admin, under /debug/pprof/")
	f.StringVar(&a.Stats, "stats", "", "where to tell about the agent in JSON: unix:///path or host:port (default: nowhere)")
	f.StringSliceVar(&a.Origins, "otlp-origin", nil, `web page whose scripts may send OTLP from a browser, such as https://shop.example; may be repeated; "*": all (default: none)`)
	f.StringVar(&a.OTLPToken, "otlp-token", "", "what OTLP senders must show as a bearer token (default: $THROUGHLINE_OTLP_TOKEN, or nothing)")
	f.StringVar(&a.OTLPTLS.Cert, "otlp-tls-cert", "", "certificate of the OTLP receivers, a PEM file: they speak TLS then")
	f.StringVar(&a.OTLPTLS.Key, "otlp-tls-key", "", "key of that certificate, a PEM file")
	f.StringVar(&a.OTLPTLS.ClientCA, "otlp-tls-client-ca", "", "authority of the certificates that OTLP senders must show, a PEM file")
	f.Int64Var(&a.otlpMemory, "otlp-memory", 128, "MiB of memory for the OTLP requests under way; one sender gets half of it at most")
	f.IntVar(&a.netMemory, "net-memory", 96, "MiB of memory for the connections seen in packets, at all interfaces together; beyond, those that nobody answered are dropped, then those idle for longest")
	f.Var(newSwitches(&a.Protocols), "protocols", "application protocols of SYS and NET spans to switch on or off, as mysql=false; those that are not named are on")
	f.DurationVar(&a.OpenAfter, "open-after", 10*time.Second, "report SYS and NET requests that last as long, with status open until they end; later again, once a minute at most")
	f.BoolVar(&a.SYSTLS.On, "sys-tls", false, "see what programs say inside of TLS (OpenSSL, GnuTLS, Go): 3 to 4 µs for each of their calls, 20 and more where the library's code allows no cheap probe")
	f.StringSliceVar(&a.SYSTLS.OffFor, "sys-tls-except", nil, "programs whose words inside of TLS are not seen, by the names of their processes")
	f.BoolVar(&a.KeepSecrets, "keep-secrets", false, "leave passwords and tokens in SQL and URLs of SYS and NET spans")
	f.IntVar(&a.MaxSpans, "max-spans", 0, "how many spans wait for a server that is away (default: 500,000)")
	f.StringVar(&a.confine, "confine", "on", "drop the capabilities and refuse the system calls that the agent needs no more once it has started: on or off")
	f.StringVar(&a.configFile, configFlag, "", "file of settings, in YAML: `name: value` by the names of these flags, which stand over it")
}

// read reads the file of --config, where there is one: flags stand over it.
func (a *agentFlags) read(f *pflag.FlagSet) error {
	if a.configFile == "" {
		return nil
	}
	return readConfig(a.configFile, f)
}

// config is what the flags and the environment say.
func (a *agentFlags) config() (agent.Config, error) {
	c := a.Config
	on, err := onOff("net", a.net)
	if err != nil {
		return c, err
	}
	c.NET = on
	for _, p := range a.ports {
		port, err := tcpPort(p)
		if err != nil {
			return c, err
		}
		c.LeaveOutPorts = append(c.LeaveOutPorts, port)
	}
	if c.Name == "" || c.Node == "" {
		host, err := os.Hostname()
		if err != nil {
			return c, err
		}
		if c.Node == "" {
			c.Node = host
		}
		if c.Name == "" {
			c.Name = c.Node
		}
	}
	if a.tls || a.files != (certificate.Client{}) {
		c.TLS = &a.files
	}
	if c.Token == "" {
		c.Token = os.Getenv("THROUGHLINE_TOKEN")
	}
	if c.OTLPToken == "" {
		c.OTLPToken = os.Getenv("THROUGHLINE_OTLP_TOKEN")
	}
	c.OTLPMemory, c.LogBytes = a.otlpMemory<<20, a.logSize<<20
	c.NETMemory = a.netMemory << 20
	if c.Confine, err = onOff("confine", a.confine); err != nil {
		return c, err
	}
	if c.Control, err = onOff("control", a.control); err != nil {
		return c, err
	}
	c.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	c.Version = buildVersion()
	c.Inspector = []string{"/proc/self/exe", "agent", goLayout}
	return c, nil
}
