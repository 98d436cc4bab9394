package main

import (
	"github.com/spf13/cobra"

	"github.com/throughline-io/throughline/demo/lab"
	"github.com/throughline-io/throughline/demo/webshop"
)

func demoCommand() *cobra.Command {
	demo := &cobra.Command{Use: "demo", Short: "Run a demo on this machine: nodes and pods as network namespaces, agents, server and store"}
	demo.AddCommand(webshopCommand(), podExecCommand())
	return demo
}

func webshopCommand() *cobra.Command {
	var o webshop.Options
	c := &cobra.Command{
		Use:   "webshop",
		Short: "The WebShop: one request, one trace of 100 spans with every layer in it",
		Long: `Starts three nodes and seven pods as network namespaces on this machine, an agent per
node, one server with the embedded store and the page, sends requests by a load generator
that nobody instrumented, and shows the trace. Needs root, Linux 6.6 or newer, and
Debian's mariadb-server-core and hey. Everything is removed at the end.

Without a mode it prints one trace, the page's URL, and keeps sending requests until Ctrl-C.`,
		Example: `  throughline demo webshop
  throughline demo webshop --once --json
  throughline demo webshop --traces 500 --concurrency 10
  throughline demo webshop --break=network`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			programs, err := webshop.FindPrograms()
			if err != nil {
				return err
			}
			o.Programs, o.Out, o.Log = programs, cmd.OutOrStdout(), cmd.ErrOrStderr()
			return webshop.Run(cmd.Context(), o)
		},
	}
	f := c.Flags()
	f.BoolVar(&o.Once, "once", false, "send one request, print its trace, end; fails unless it equals the reference trace")
	f.BoolVar(&o.JSON, "json", false, "with --once: print the trace as JSON")
	f.IntVar(&o.Traces, "traces", 0, "send so many requests, compare each trace with the reference, end")
	f.IntVar(&o.Concurrency, "concurrency", 1, "requests at a time")
	f.StringVar(&o.Break, "break", "", "make one thing slow: code, pool, network or database")
	f.StringVar(&o.Record, "record", "", "write the raw spans and the printed traces to this directory (with --once or --traces)")
	f.StringVar(&o.Kill, "kill", "", "with --traces: kill -9 the server, an agent or the store again and again while requests run")
	f.IntVar(&o.Kills, "kills", 20, "with --kill: how often")
	f.StringVar(&o.Listen, "listen", "127.0.0.1:3900", "address of the page")
	f.BoolVar(&o.NoPage, "no-page", false, "without the page")
	f.StringVar(&o.SYSVariant, "sys-variant", "auto", "how the agents hook system calls: auto, tp_btf or tracepoint")
	f.StringVar(&o.Dir, "dir", "", "directory for logs and data (default: throughline-demo in the temporary directory)")
	return c
}

// podExecCommand is how the demo starts programs inside a pod.
func podExecCommand() *cobra.Command {
	var netns, hosts string
	c := &cobra.Command{
		Use: "pod-exec -- COMMAND [ARG...]", Hidden: true, Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, argv []string) error { return lab.Exec(netns, hosts, argv) },
	}
	c.Flags().StringVar(&netns, "netns", "", "name of the network namespace")
	c.Flags().StringVar(&hosts, "hosts", "", "file to mount at /etc/hosts")
	return c
}
