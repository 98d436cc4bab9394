package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/user"

	"github.com/spf13/cobra"

	"github.com/throughline-io/throughline/server/text"
)

func ctlAgentCommand(c *client) *cobra.Command {
	cmd := &cobra.Command{Use: "agent", Short: "Agents, and what of their group's configuration is in force"}
	var format string
	list := &cobra.Command{
		Use:   "list",
		Short: "Print the agents: group, version in force, where they are to listen and where they do",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var a text.Agents
			return c.list(cmd, format, "/api/v1/agents", nil, &a, (&a).Print)
		},
	}
	formatFlag(list, &format)
	cmd.AddCommand(list)
	return cmd
}

func ctlAgentGroupCommand(c *client) *cobra.Command {
	cmd := &cobra.Command{Use: "agent-group", Short: "Groups of agents that share a configuration"}
	cmd.AddCommand(agentGroupListCommand(c), agentGroupCreateCommand(c), agentGroupDeleteCommand(c))
	return cmd
}

func agentGroupListCommand(c *client) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "list [GROUP]",
		Short: "Print the groups, or one of them",
		Args:  cobra.MaximumNArgs(1), ValidArgsFunction: c.completeGroups,
		RunE: func(cmd *cobra.Command, args []string) error {
			var g text.AgentGroups
			return c.list(cmd, format, "/api/v1/agent-groups", url.Values{"group": args}, &g, (&g).Print)
		},
	}
	formatFlag(cmd, &format)
	return cmd
}

func agentGroupCreateCommand(c *client) *cobra.Command {
	var id string
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Make a group; agents are of it by --group NAME",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			body, err := json.Marshal(map[string]string{"name": args[0], "id": id})
			if err != nil {
				return err
			}
			var g text.AgentGroup
			if err := c.change(cmd.Context(), http.MethodPost, "/api/v1/agent-groups", url.Values{"author": {author()}}, bytes.NewReader(body), &g); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "agent group %s created: %s\n", text.Clean(g.Name), text.Clean(g.ID))
			return err
		},
	}
	cmd.Flags().StringVar(&id, "id", "", "its id, g- and up to 62 letters, digits, '.', '_' and '-' (default: one is made)")
	return cmd
}

func agentGroupDeleteCommand(c *client) *cobra.Command {
	return &cobra.Command{
		Use:   "delete GROUP",
		Short: "Delete a group and its configuration; its agents go back to their own settings",
		Args:  cobra.ExactArgs(1), ValidArgsFunction: c.completeGroups,
		RunE: func(cmd *cobra.Command, args []string) error {
			var g text.AgentGroup
			if err := c.change(cmd.Context(), http.MethodDelete, "/api/v1/agent-groups/"+url.PathEscape(args[0]), url.Values{"author": {author()}}, nil, &g); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "agent group %s deleted; %d agents of it have their own settings now\n", text.Clean(g.Name), g.Agents)
			return err
		},
	}
}

// author is who changes something, as the history shows him.
func author() string {
	name := os.Getenv("USER")
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if host, err := os.Hostname(); err == nil {
		name += "@" + host
	}
	return name
}

// completeGroups are the ids and names of groups, for a shell.
func (c *client) completeGroups(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var g text.AgentGroups
	if len(args) > 0 || c.decode(cmd.Context(), "/api/v1/agent-groups", nil, &g) != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var all []cobra.Completion
	for _, one := range g.Groups {
		all = append(all, cobra.CompletionWithDesc(one.ID, one.Name), cobra.CompletionWithDesc(one.Name, one.ID))
	}
	return all, cobra.ShellCompDirectiveNoFileComp
}
