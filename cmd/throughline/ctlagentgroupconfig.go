package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/throughline-io/throughline/agentgroup"
	"github.com/throughline-io/throughline/server/text"
)

func ctlAgentGroupConfigCommand(c *client) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "agent-group-config",
		Short: "The configuration of agent groups",
		Example: `  throughline ctl agent-group-config list g-default -o yaml > config.yaml
  throughline ctl agent-group-config update g-default -f config.yaml --dry-run
  throughline ctl agent-group-config update g-default -f config.yaml`,
	}
	cmd.AddCommand(configListCommand(c), configPutCommand(c, "create"), configPutCommand(c, "update"), configDeleteCommand(c), configExampleCommand(), configHistoryCommand(c), configRollbackCommand(c))
	return cmd
}

func configPath(group string) string {
	return "/api/v1/agent-groups/" + url.PathEscape(group) + "/config"
}

func configListCommand(c *client) *cobra.Command {
	var format string
	var version uint64
	cmd := &cobra.Command{
		Use:   "list [GROUP]",
		Short: "Print which groups have a configuration, or the configuration of one (-o yaml)",
		Args:  cobra.MaximumNArgs(1), ValidArgsFunction: c.completeGroups,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			if len(args) == 0 {
				if cmd.Flags().Changed("version") {
					return errors.New("--version: of which agent group? Give its id")
				}
				var all text.AgentConfigs
				return c.list(cmd, format, "/api/v1/agent-group-configs", nil, &all, (&all).Print)
			}
			q := url.Values{}
			if cmd.Flags().Changed("version") {
				q.Set("version", strconv.FormatUint(version, 10))
			}
			var one text.AgentConfig
			if format != "yaml" {
				return c.list(cmd, format, configPath(args[0]), q, &one, func(w io.Writer, colour text.Colour) error {
					return (&text.AgentConfigs{Now: one.At, Configs: []text.AgentConfig{one}}).Print(w, colour)
				})
			}
			if err := c.decode(cmd.Context(), configPath(args[0]), q, &one); err != nil {
				return err
			}
			_, err := io.WriteString(cmd.OutOrStdout(), one.YAML) // as it was given, for update
			return err
		},
	}
	formatFlag(cmd, &format)
	cmd.Flags().Uint64Var(&version, "version", 0, "an earlier version (default: the newest)")
	return cmd
}

func configPutCommand(c *client, what string) *cobra.Command {
	var file string
	var dry bool
	short := map[string]string{"create": "Give a group its first configuration", "update": "Give a group another configuration, in place of all of the one it has"}[what]
	cmd := &cobra.Command{
		Use:   what + " [GROUP] -f FILE",
		Short: short,
		Long: short + `.

The group is named by an argument, or by vtap_group_id in the file; where both
are, they must be the same. "example" prints what a file can say. What it does not
say is as each agent's own settings are. Agents that are connected have it at once.`,
		Args: cobra.MaximumNArgs(1), ValidArgsFunction: c.completeGroups,
		RunE: func(cmd *cobra.Command, args []string) error {
			if file == "" {
				return errors.New("which file? Give -f FILE, or -f - for the standard input")
			}
			body, err := readDocument(cmd, file)
			if err != nil {
				return err
			}
			path := "/api/v1/agent-group-configs"
			if len(args) == 1 {
				path = configPath(args[0])
			}
			method := map[string]string{"create": http.MethodPost, "update": http.MethodPut}[what]
			return c.changeConfig(cmd, method, path, nil, dry, strings.NewReader(body))
		},
	}
	cmd.Flags().StringVarP(&file, "file", "f", "", "the configuration, a YAML file; -: the standard input")
	_ = cmd.MarkFlagFilename("file", "yaml", "yml") // it fails for flags that are not there
	dryRunFlag(cmd, &dry)
	return cmd
}

func dryRunFlag(cmd *cobra.Command, dry *bool) {
	cmd.Flags().BoolVar(dry, "dry-run", false, "check, and print what would change, but change nothing")
}

// readDocument reads a file, or the standard input, and checks it.
func readDocument(cmd *cobra.Command, file string) (string, error) {
	in, name := cmd.InOrStdin(), "the standard input"
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return "", err
		}
		defer f.Close()
		in, name = f, file
	}
	body, err := io.ReadAll(io.LimitReader(in, agentgroup.MaxDocument+1))
	if err != nil {
		return "", err
	}
	if _, err := agentgroup.Parse(body); err != nil {
		return "", fmt.Errorf("%s, %s", name, strings.ReplaceAll(err.Error(), "\n", "\n"+name+", "))
	}
	return string(body), nil
}

// changeConfig asks for a change and prints what it did.
func (c *client) changeConfig(cmd *cobra.Command, method, path string, q url.Values, dry bool, body io.Reader) error {
	if q == nil {
		q = url.Values{}
	}
	q.Set("author", author())
	if dry {
		q.Set("dry_run", "true")
	}
	var done text.AgentConfigChange
	if err := c.change(cmd.Context(), method, path, q, body, &done); err != nil {
		return err
	}
	out, name := cmd.OutOrStdout(), text.Clean(done.Name)
	if !done.Changed {
		_, err := fmt.Fprintf(out, "nothing changes: this is the configuration of agent group %s, version %d\n", name, done.Version)
		return err
	}
	before, after := "version "+strconv.FormatUint(done.Version, 10), "version "+strconv.FormatUint(done.Version+1, 10)
	if !done.DryRun {
		before, after = "version "+strconv.FormatUint(done.Version-1, 10), before
	}
	if _, err := out.Write(cleanLines(diff.Diff(before, []byte(done.Before), after, []byte(done.After)))); err != nil {
		return err
	}
	for _, name := range done.NextStart {
		fmt.Fprintf(out, "%s takes effect at an agent's next start\n", name)
	}
	said := fmt.Sprintf("agent group %s has version %d of its configuration; agents connected: %d\n", name, done.Version, done.Agents)
	if done.DryRun {
		said = fmt.Sprintf("a dry run: agent group %s has version %d as before\n", name, done.Version)
	}
	_, err := io.WriteString(out, said)
	return err
}

// cleanLines makes text that somebody wrote safe to print.
func cleanLines(written []byte) []byte {
	var out strings.Builder
	for line := range strings.Lines(string(written)) {
		out.WriteString(text.Clean(strings.TrimSuffix(strings.ReplaceAll(line, "\t", "    "), "\n")) + "\n")
	}
	return []byte(out.String())
}

func configDeleteCommand(c *client) *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use:   "delete GROUP",
		Short: "Delete a group's configuration; its agents go back to their own settings",
		Args:  cobra.ExactArgs(1), ValidArgsFunction: c.completeGroups,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.changeConfig(cmd, http.MethodDelete, configPath(args[0]), nil, dry, nil)
		},
	}
	dryRunFlag(cmd, &dry)
	return cmd
}

func configExampleCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "example",
		Short: "Print a configuration with every key",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := io.WriteString(cmd.OutOrStdout(), agentgroup.Example)
			return err
		},
	}
}

func configHistoryCommand(c *client) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "history GROUP",
		Short: "Print the versions of a group's configuration, newest first",
		Args:  cobra.ExactArgs(1), ValidArgsFunction: c.completeGroups,
		RunE: func(cmd *cobra.Command, args []string) error {
			var h text.AgentConfigHistory
			return c.list(cmd, format, configPath(args[0])+"/history", nil, &h, (&h).Print)
		},
	}
	formatFlag(cmd, &format)
	return cmd
}

func configRollbackCommand(c *client) *cobra.Command {
	var version uint64
	var dry bool
	cmd := &cobra.Command{
		Use:   "rollback GROUP",
		Short: "Make an earlier version of a group's configuration the newest",
		Args:  cobra.ExactArgs(1), ValidArgsFunction: c.completeGroups,
		RunE: func(cmd *cobra.Command, args []string) error {
			q := url.Values{}
			if cmd.Flags().Changed("to") {
				q.Set("version", strconv.FormatUint(version, 10))
			}
			return c.changeConfig(cmd, http.MethodPost, configPath(args[0])+"/rollback", q, dry, nil)
		},
	}
	cmd.Flags().Uint64Var(&version, "to", 0, "which version (default: the one before)")
	dryRunFlag(cmd, &dry)
	return cmd
}
