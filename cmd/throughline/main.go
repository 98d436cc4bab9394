// Command throughline is the agent, the server, the command line and the demo of
// Throughline: full-stack distributed tracing for Grafana.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := rootCommand().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "throughline:", err)
		os.Exit(1)
	}
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "throughline",
		Version:       buildVersion(),
		Short:         "Full-stack distributed tracing: application, system call and network spans in one trace",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(upCommand(), agentCommand(), serverCommand(), onceEach(traceCommand()), onceEach(ctlCommand()), doctorCommand(), demoCommand())
	root.SetHelpCommand(helpCommand())
	root.InitDefaultCompletionCmd()
	refuseUnknown(root)
	return root
}
