package main

import (
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/throughline-io/throughline/agent/confine"
	"github.com/throughline-io/throughline/agent/sys"
)

const goLayout = "go-layout"

// goLayoutCommand is what the agent runs beside itself for a program built by a Go it does not know.
func goLayoutCommand() *cobra.Command {
	return &cobra.Command{
		Use:    goLayout + " < EXECUTABLE",
		Short:  "Say where the debug information of a Go program has what tells of its goroutines",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := confine.Keep(); err != nil {
				slog.Debug("the child keeps its capabilities", "error", err)
			}
			if err := confine.Filter(confine.Calls{}); err != nil {
				slog.Debug("the child may make all system calls", "error", err)
			}
			return sys.ReadGoLayout(os.Stdin, cmd.OutOrStdout())
		},
	}
}
