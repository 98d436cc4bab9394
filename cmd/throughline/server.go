package main

import (
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/throughline-io/throughline/server"
	"github.com/throughline-io/throughline/server/apm"
)

func serverCommand() *cobra.Command {
	var (
		c         server.Config
		auth      string
		tokenFile string
		control   string
		apms      string
		memoryMiB int64
		logMiB    int64
		sizeMiB   int64
		verbose   bool
	)
	cmd := &cobra.Command{
		Use:   "server",
		Short: "Take spans from agents, keep them, and answer questions about them",
		Long: `The server. Agents push spans to it, it says whose they are, keeps them in a
ClickHouse, by default an embedded one, and answers questions over HTTP:

  GET /api/v1/traces/{id}     a trace, by its id or the id of any of its spans
  GET /api/v1/search          spans, newest first
  GET /api/v1/values/{name}   values of namespace, workload, service, ...
  GET /api/v1/ledger          what was seen, stored and lost, and where
  GET /api/v1/status          agents, store, counts
  /api/v1/agent-groups        agent groups and their configuration ("throughline ctl")
  GET /healthz                200 when spans can be stored and read
  /clickhouse/                the store's SQL, read only (for the Grafana data source)

A push is acknowledged when it is on this server's disk, in a log from which it
goes to the store in large inserts, so also while the store is away. The log is
replayed at the start: the server may be killed at any moment.

/clickhouse/ always wants the token; it is --token or, where none is given, in
the file "token" of the data directory. Agents and the API want it at addresses
that other machines can reach (--auth auto).`,
		Example: `  # one machine, embedded store
  throughline server --data-dir /var/lib/throughline

  # a ClickHouse (24.8 or newer) instead, reached from other machines
  throughline server --store http://user:password@clickhouse:8123/throughline \
    --listen-grpc :20033 --listen-http :20418 --token-file /etc/throughline/token`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			level := slog.LevelInfo
			if verbose {
				level = slog.LevelDebug
			}
			c.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
			c.Auth = server.Auth(auth)
			c.StoreMemory, c.LogBytes, c.RetentionSize = memoryMiB<<20, logMiB<<20, sizeMiB<<20
			c.Version = buildVersion()
			var err error
			if c.Token, err = readToken(c.Token, tokenFile); err != nil {
				return err
			}
			if control != "" {
				if c.ControlToken, err = readToken("", control); err != nil {
					return err
				}
				if c.ControlToken == "" {
					return fmt.Errorf("--control-token-file %s: the file is empty", control)
				}
			}
			if apms != "" {
				if c.APMs, err = apm.ReadConfig(apms); err != nil {
					return err
				}
			}
			followLoad(cmd.Context())
			return server.Run(cmd.Context(), c)
		},
	}
	f := cmd.Flags()
	f.StringVar(&c.DataDir, "data-dir", "throughline-data", "directory of the embedded store and the token")
	f.StringSliceVar(&c.GRPC, "listen-grpc", []string{server.DefaultGRPC}, "addresses for agents: host:port or unix:///path")
	f.StringSliceVar(&c.HTTP, "listen-http", []string{server.DefaultHTTP}, "addresses of the API: host:port or unix:///path")
	f.StringVar(&c.Store, "store", "", "ClickHouse to use instead of the embedded store: http(s)://user:password@host:8123/database")
	f.StringVar(&c.StoreReader, "store-reader", "", "the same for readers of /clickhouse/, with a user who may only read (default: --store, with readonly = 1)")
	f.StringVar(&c.Cluster, "store-cluster", "", "name of the ClickHouse cluster to make the tables on")
	f.StringVar(&c.StoreBinary, "store-binary", "", "the program throughline-store (default: beside this program, then in PATH)")
	f.StringVar(&c.StoreLibrary, "store-library", "", "libchdb.so of the embedded store (default: the store looks for it)")
	f.Int64Var(&memoryMiB, "store-memory", 0, "memory of the embedded store in MiB (default: its own, 1500)")
	f.Int64Var(&logMiB, "log-size", 0, "MiB of the data directory that acknowledged spans may take while the store is away; then agents are told to come later (default 4096)")
	f.DurationVar(&c.LogAge, "log-age", 0, "how long acknowledged spans lie in the log at most before they go to the store, unless a reader asks (default 30s, 5s with --store)")
	f.BoolVar(&c.Direct, "direct", false, "no log: acknowledge spans when the store has them; for a server without a disk of its own")
	f.DurationVar(&c.Retention, "retention", 0, "how long spans are kept, in whole days such as 168h (default: 7 days)")
	f.Int64Var(&sizeMiB, "retention-size", 0, "MiB that the store may take on disk (on a cluster: each shard); above it the oldest days of spans go (default: no limit)")
	f.StringVar(&c.Entities, "entities", "", "YAML file that says which pod has which address; read again when it changes, and on SIGHUP")
	f.StringSliceVar(&c.Kubernetes.Clusters, "kubernetes", nil, "clusters of Kubernetes that say which pod has which address: [NAME=]in-cluster or [NAME=]KUBECONFIG[#CONTEXT]; NAME is the cluster's in tags")
	f.StringSliceVar(&c.Kubernetes.Labels, "kubernetes-labels", nil, "labels of pods, namespaces, nodes and services that become part of tags")
	f.StringSliceVar(&c.Kubernetes.Annotations, "kubernetes-annotations", nil, "annotations of pods that become part of tags")
	f.DurationVar(&c.Kubernetes.History, "kubernetes-history", 0, "how long is remembered who had an address: spans may come that late (default 1h)")
	f.StringVar(&c.Token, "token", "", "token that readers of /clickhouse/ must show, and others by --auth (default: $THROUGHLINE_TOKEN, else a file in the data directory)")
	f.StringVar(&tokenFile, "token-file", "", "file that holds the token: unlike --token it is not seen in lists of processes")
	f.StringVar(&control, "control-token-file", "", "file that holds the token that who changes the configuration of agents must show, everywhere, in place of --token (default: --token, where --auth asks for it)")
	f.StringVar(&auth, "auth", string(server.AuthAuto), "where agents and the API want the token: auto (where other machines can reach it), always, never")
	f.StringVar(&c.Cert, "tls-cert", "", "certificate of the TCP addresses (PEM file); like its key and --tls-client-ca read again when it changes")
	f.StringVar(&c.Key, "tls-key", "", "key of the certificate (PEM file)")
	f.StringVar(&c.ClientCA, "tls-client-ca", "", "agents need a certificate of this authority (PEM file)")
	f.StringVar(&c.Export.URL, "export", "", "send what agents saw, assembled, to another trace store by OTLP: http(s)://host:4318, grpc://host:4317 or grpcs://")
	f.StringToStringVar(&c.Export.Headers, "export-header", nil, "headers for it: name=value")
	f.StringSliceVar(&c.Export.Sources, "export-sources", []string{"SYS", "NET"}, "what is sent to it: SYS, NET, and with APP code, too, under the parents that were found")
	f.StringSliceVar(&c.Export.Services, "export-services", nil, "of which services, with * for any characters (default: all)")
	f.StringSliceVar(&c.Export.Namespaces, "export-namespaces", nil, "of which namespaces, with * for any characters (default: all)")
	f.DurationVar(&c.Export.Wait, "export-wait", 0, "how long spans of a trace may take to come before it is sent (default 10s)")
	f.StringVar(&apms, "apms", "", "YAML file of APMs (Jaeger, Tempo, SkyWalking) that are asked for the code of a trace when it is asked for here (docs/apm.md)")
	f.BoolVar(&verbose, "verbose", false, "log more")
	return cmd
}

// readToken is the token given, in the file, or in the environment; "" where there is none.
func readToken(given, file string) (string, error) {
	if given != "" {
		return given, nil
	}
	if file != "" {
		b, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		return strings.TrimSpace(string(b)), nil
	}
	return os.Getenv("THROUGHLINE_TOKEN"), nil
}
