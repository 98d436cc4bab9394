package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline-io/throughline/agent"
)

// agentStatusCommand asks an agent of this machine how it is.
func agentStatusCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "status ADDRESS",
		Short:   "Print how an agent is: its parts, what they lack, what was lost",
		Long:    "Asks the agent at the address that its --stats says, unix:///path or host:port.\nIt fails where a part that was asked for does not work.",
		Example: "  throughline agent status unix:///run/throughline/agent.sock",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			body, err := askAgent(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			var s agent.Stats
			if err := json.Unmarshal(body, &s); err != nil {
				return fmt.Errorf("read the agent's answer: %w", err)
			}
			switch format {
			case "json":
				_, err = cmd.OutOrStdout().Write(body)
			case "text":
				err = printStats(cmd.OutOrStdout(), &s)
			default:
				return fmt.Errorf("--output %q: want text or json", format)
			}
			if err == nil && len(s.Failed) > 0 {
				return fmt.Errorf("%d of the agent's parts do not work", len(s.Failed))
			}
			return err
		},
	}
	outputFlag(cmd, &format)
	return cmd
}

func askAgent(ctx context.Context, address string) ([]byte, error) {
	body, err := askAt(ctx, address, "/")
	if err != nil {
		return nil, fmt.Errorf("ask the agent at %s, which is what its --stats says: %w", address, err)
	}
	return body, nil
}

// askAt asks for a path at an address as programs listen at: host:port or unix:///path.
func askAt(ctx context.Context, address, path string) ([]byte, error) {
	network, at := "tcp", address
	if socket, unix := strings.CutPrefix(address, "unix:"); unix {
		network, at = "unix", strings.TrimPrefix(socket, "//")
	}
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, at)
	}}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost"+path, nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", answer.Status, strings.TrimSpace(string(body)))
	}
	return body, err
}

func printStats(w io.Writer, s *agent.Stats) error {
	var b strings.Builder
	ready := "all that was asked for works"
	if !s.Ready {
		ready = "not all that was asked for works"
	}
	fmt.Fprintf(&b, "agent %s on node %s, version %s, since %s: %s\n", s.Agent, s.Node, s.Version, s.Started.Format(time.RFC3339), ready)
	fmt.Fprintf(&b, "SYS %s\nNET %s\nOTLP %s\n", s.SYS, s.NET, strings.Join(s.OTLP, " "))
	for _, r := range s.TLS.Read {
		fmt.Fprintln(&b, "TLS read:", r)
	}
	for _, u := range s.TLS.Unread {
		fmt.Fprintln(&b, "TLS not read:", u)
	}
	for _, f := range s.Failed {
		fmt.Fprintln(&b, "fails:", f)
	}
	for _, l := range s.Limited {
		fmt.Fprintln(&b, "limited:", l)
	}
	for _, l := range s.Ledger {
		if strings.HasPrefix(l.What, "lost") || strings.HasPrefix(l.What, "dropped") || strings.Contains(l.What, "refused") {
			if l.Count > 0 {
				fmt.Fprintf(&b, "%-8s %-4s %s: %d\n", l.Stage, l.Source, l.What, l.Count)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
