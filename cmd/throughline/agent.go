package main

import (
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/throughline-io/throughline/agent"
)

func agentCommand() *cobra.Command {
	a := agentFlags{Config: agent.Config{NET: true}}
	var print, printOnly bool
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
			if err := a.read(cmd.Flags()); err != nil {
				return err
			}
			if printOnly {
				text, err := printConfig(cmd.Flags())
				if err == nil {
					_, err = cmd.OutOrStdout().Write(text)
				}
				return err
			}
			c, err := a.config()
			if err != nil {
				return err
			}
			if print {
				c.Print, c.Server = os.Stdout, ""
			}
			c.MemoryBound = limitMemory
			followLoad(cmd.Context())
			return agent.Run(cmd.Context(), c)
		},
	}
	f := cmd.Flags()
	a.register(f)
	f.BoolVar(&print, "print", false, "print spans as lines of JSON instead of sending them to a server")
	f.BoolVar(&printOnly, printConfigFlag, false, "print the settings that are in force, as a file for --config, and end")
	cmd.AddCommand(goLayoutCommand(), agentStatusCommand())
	return cmd
}

// limitMemory makes the garbage collector work harder before the agent takes much more than what it
// may hold: requests, the queue to the server, and what the captures keep. Below that it works half as
// hard as usual: most of what the agent allocates is gone at once, and it was an eighth of its CPU.
// GOMEMLIMIT and GOGC say otherwise.
func limitMemory(bounded int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(bounded + 64<<20)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
}

// buildVersion is the version the binary was built as.
func buildVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "devel"
}
