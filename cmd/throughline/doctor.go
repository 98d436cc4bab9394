package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/throughline-io/throughline/agent"
)

func doctorCommand() *cobra.Command {
	a := agentFlags{Config: agent.Config{NET: true}}
	var format string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what an agent can do on this machine, what it lacks, and how to mend it",
		Long: `Tries what "throughline agent" with the same flags would do: loads the programs that
hook system calls, opens packet sockets and receivers, looks for pods and into
processes, writes to the state directory, asks the server. Nothing of it lasts, and
an agent that runs goes on. Run it with the agent's rights: as its user, in its
container. It fails where a part that was asked for does not work.`,
		Example: `  throughline doctor --server server.example:20033 --state-dir /var/lib/throughline-agent
  throughline doctor --config agent.yaml -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.read(cmd.Flags()); err != nil {
				return err
			}
			c, err := a.config()
			if err != nil {
				return err
			}
			c.Log = slog.New(slog.DiscardHandler)
			report, err := agent.Diagnose(cmd.Context(), c)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			switch format {
			case "json":
				e := json.NewEncoder(out)
				e.SetIndent("", "  ")
				err = e.Encode(report)
			case "text":
				err = report.Print(out)
			default:
				return fmt.Errorf("--output %q: want text or json", format)
			}
			if failing := report.Failing(); err == nil && len(failing) > 0 {
				return fmt.Errorf("what was asked for and does not work here: %s", strings.Join(failing, ", "))
			}
			return err
		},
	}
	a.register(cmd.Flags())
	outputFlag(cmd, &format)
	return cmd
}
