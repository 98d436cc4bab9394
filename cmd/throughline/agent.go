package main

import (
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/throughline-io/throughline/agent"
	"github.com/throughline-io/throughline/certificate"
)

func agentCommand() *cobra.Command {
	c := agent.Config{NET: true}
	var (
		net   string
		print bool
		ports []uint
		tls   bool
		files certificate.Client

		otlpMemory, logSize int64

		netMemory int

		config    string
		printOnly bool
	)
	cmd := &cobra.Command{
		Use:   "agent",
		Short: "See the requests of a node's pods and take them to the server",
		Long: `The agent of a node. It sees requests at the system calls of the node's pods
(eBPF) and in the packets of the node's interfaces, receives the spans of their
OpenTelemetry SDKs, and takes everything to the server. It keeps what the server
has not yet stored, and comes back by itself when the server does.

Pods are the network namespaces behind the node's veth pairs, and whatever runs
in the node's own. System calls and packets need root (or CAP_BPF, CAP_PERFMON,
CAP_NET_RAW and CAP_SYS_ADMIN); without them the agent still receives
OpenTelemetry spans, and says what it cannot see.`,
		Example: `  # a node with a server on the same machine
  throughline agent --server unix:///run/throughline/server.sock --state-dir /var/lib/throughline-agent

  # a server elsewhere
  throughline agent --server server.example:20033 --tls-ca /etc/throughline/ca.pem

  # look at what the agent sees, without a server
  throughline agent --print`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if config != "" {
				if err := readConfig(config, cmd.Flags()); err != nil {
					return err
				}
			}
			if printOnly {
				text, err := printConfig(cmd.Flags())
				if err == nil {
					_, err = cmd.OutOrStdout().Write(text)
				}
				return err
			}
			on, err := onOff("net", net)
			if err != nil {
				return err
			}
			c.NET = on
			for _, p := range ports {
				port, err := tcpPort(p)
				if err != nil {
					return err
				}
				c.LeaveOutPorts = append(c.LeaveOutPorts, port)
			}
			if c.Name == "" || c.Node == "" {
				host, err := os.Hostname()
				if err != nil {
					return err
				}
				if c.Node == "" {
					c.Node = host
				}
				if c.Name == "" {
					c.Name = c.Node
				}
			}
			if print {
				c.Print, c.Server = os.Stdout, ""
			}
			if tls || files != (certificate.Client{}) {
				c.TLS = &files
			}
			if c.Token == "" {
				c.Token = os.Getenv("THROUGHLINE_TOKEN")
			}
			if c.OTLPToken == "" {
				c.OTLPToken = os.Getenv("THROUGHLINE_OTLP_TOKEN")
			}
			c.OTLPMemory, c.LogBytes = otlpMemory<<20, logSize<<20
			c.NETMemory = netMemory << 20
			limitMemory(c.OTLPMemory + int64(c.NETMemory))
			c.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
			c.Version = buildVersion()
			c.Inspector = []string{"/proc/self/exe", "agent", goidOffset}
			return agent.Run(cmd.Context(), c)
		},
	}
	f := cmd.Flags()
	f.StringVar(&c.Name, "name", "", "name of the agent, unique among those of the server (default: the node's name)")
	f.StringVar(&c.Node, "node", "", "name of the node (default: the host's name)")
	f.StringVar(&c.Netns, "netns", "", "path of the node's network namespace, such as /var/run/netns/NAME (default: the agent's own)")
	f.StringVar(&c.Server, "server", "127.0.0.1:20033", "the server: host:port or unix:///path")
	f.StringVar(&c.Token, "token", "", "what the server's --token says, where it has one (default: $THROUGHLINE_TOKEN)")
	f.BoolVar(&tls, "tls", false, "reach the server by TLS; the further --tls-... imply it")
	f.StringVar(&files.CA, "tls-ca", "", "certificate authority of the server, a PEM file (default: those of the system)")
	f.StringVar(&files.Name, "tls-server-name", "", "name in the server's certificate, where --server has another")
	f.StringVar(&files.Cert, "tls-cert", "", "certificate to show to a server with --tls-client-ca, a PEM file; like the others read again when it changes")
	f.StringVar(&files.Key, "tls-key", "", "key of that certificate, a PEM file")
	f.StringVar(&c.StateDir, "state-dir", "", "directory in which spans that were acknowledged lie until the server has them, also while the agent restarts, and in which it notes that it is alive (default: none: they wait in memory)")
	f.Int64Var(&logSize, "log-size", 1024, "MiB of disk for the log in --state-dir; when it is full senders are told to come later")
	f.StringVar(&c.SYS, "sys-variant", "auto", "how to hook system calls: auto, tp_btf, tracepoint or off")
	f.StringVar(&net, "net", "on", "capture packets: on or off")
	f.StringVar(&c.OTLPHTTP, "otlp-http", ":4318", `address for OTLP/HTTP in the node's network namespace ("": none)`)
	f.StringVar(&c.OTLPGRPC, "otlp-grpc", ":4317", `address for OTLP/gRPC ("": none)`)
	f.StringVar(&c.OTLPNative, "otlp-native", ":38086", `address for OTLP/HTTP at /api/v1/otel/trace, as collectors are set up for ("": none)`)
	f.StringSliceVar(&c.OTLPFrom, "otlp-from", []string{agent.FromNode}, "who may send OTLP: "+agent.FromNode+" (this node and its pods), "+agent.FromAll+", an address, or a network such as 10.0.0.0/8; may be repeated")
	f.UintSliceVar(&ports, "leave-out-port", nil, "TCP port whose traffic is not traced, such as that of another agent's server; may be repeated")
	f.StringVar(&c.Admin, "admin", "", "where to answer for /metrics, /healthz and /readyz: host:port or unix:///path (default: nowhere)")
	f.BoolVar(&c.Pprof, "pprof", false, "give profiles of the agent at --admin, under /debug/pprof/")
	f.StringVar(&c.Stats, "stats", "", "where to tell about the agent in JSON: unix:///path or host:port (default: nowhere)")
	f.StringSliceVar(&c.Origins, "otlp-origin", nil, `web page whose scripts may send OTLP from a browser, such as https://shop.example; may be repeated; "*": all (default: none)`)
	f.StringVar(&c.OTLPToken, "otlp-token", "", "what OTLP senders must show as a bearer token (default: $THROUGHLINE_OTLP_TOKEN, or nothing)")
	f.StringVar(&c.OTLPTLS.Cert, "otlp-tls-cert", "", "certificate of the OTLP receivers, a PEM file: they speak TLS then")
	f.StringVar(&c.OTLPTLS.Key, "otlp-tls-key", "", "key of that certificate, a PEM file")
	f.StringVar(&c.OTLPTLS.ClientCA, "otlp-tls-client-ca", "", "authority of the certificates that OTLP senders must show, a PEM file")
	f.Int64Var(&otlpMemory, "otlp-memory", 128, "MiB of memory for the OTLP requests under way; one sender gets half of it at most")
	f.IntVar(&netMemory, "net-memory", 96, "MiB of memory for the connections seen in packets, at all interfaces together; beyond, those that nobody answered are dropped, then those idle for longest")
	f.BoolVar(&c.KeepSecrets, "keep-secrets", false, "leave passwords and tokens in SQL and URLs of SYS and NET spans")
	f.IntVar(&c.MaxSpans, "max-spans", 0, "how many spans wait for a server that is away (default: 500,000)")
	f.BoolVar(&print, "print", false, "print spans as lines of JSON instead of sending them to a server")
	cmd.AddCommand(goidOffsetCommand())
	f.StringVar(&config, configFlag, "", "file of settings, in YAML: `name: value` by the names of these flags, which stand over it")
	f.BoolVar(&printOnly, printConfigFlag, false, "print the settings that are in force, as a file for --config, and end")
	return cmd
}

// limitMemory makes the garbage collector work harder before the agent takes much more than what it
// may hold: requests, the queue to the server, and what the captures keep. GOMEMLIMIT says otherwise.
func limitMemory(bounded int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(bounded + 128<<20)
	}
}

// buildVersion is the version the binary was built as.
func buildVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "devel"
}
