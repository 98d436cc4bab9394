package main

import (
	"net/url"

	"github.com/spf13/cobra"

	"github.com/throughline-io/throughline/server/text"
)

func ctlCommand() *cobra.Command {
	c := new(client)
	cmd := &cobra.Command{Use: "ctl", Short: "Look after a server and its agents"}
	c.flags(cmd)
	cmd.AddCommand(ctlStatusCommand(c), ctlLedgerCommand(c), ctlAgentCommand(c), ctlAgentGroupCommand(c), ctlAgentGroupConfigCommand(c))
	return cmd
}

func ctlStatusCommand(c *client) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Print how the server, its store and its agents are",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var s text.Status
			return c.show(cmd, format, "/api/v1/status", nil, &s, (&s).Print)
		},
	}
	outputFlag(cmd, &format)
	return cmd
}

func ctlLedgerCommand(c *client) *cobra.Command {
	var format, agent, from, to string
	var history bool
	cmd := &cobra.Command{
		Use:   "ledger",
		Short: "Print what was seen, passed on and lost, and when nobody looked",
		Long: `Prints the ledger: for every agent and the server, what each stage took in,
passed on and lost, by reason, and the intervals in which an agent was not there
("blind"). Without a time it is how things stand now.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q := url.Values{}
			set(q, "agent", agent)
			set(q, "from", from)
			set(q, "to", to)
			if history {
				q.Set("history", "true")
			}
			var l text.Ledger
			return c.show(cmd, format, "/api/v1/ledger", q, &l, (&l).Print)
		},
	}
	outputFlag(cmd, &format)
	f := cmd.Flags()
	f.StringVar(&agent, "agent", "", "of one agent only")
	f.StringVar(&from, "from", "", "from the store, from when: RFC 3339, Unix time, now-24h")
	f.StringVar(&to, "to", "", "from the store, until when")
	f.BoolVar(&history, "history", false, "from the store, a line for each minute")
	return cmd
}

func outputFlag(cmd *cobra.Command, format *string) {
	cmd.Flags().StringVarP(format, "output", "o", "text", "text or json")
}
