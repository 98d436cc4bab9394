package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// refuseUnknown makes every command that only has others fail for one that it does not have: cobra
// prints its help and counts that as success.
func refuseUnknown(cmd *cobra.Command) {
	for _, c := range cmd.Commands() {
		refuseUnknown(c)
	}
	if cmd.HasSubCommands() && !cmd.Runnable() {
		cmd.Args = cobra.ArbitraryArgs
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknown(cmd, args[0])
		}
	}
}

func unknown(cmd *cobra.Command, name string) error {
	cmd.SuggestionsMinimumDistance = 2
	hint := fmt.Sprintf("`%s --help` prints those there are", cmd.CommandPath())
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		hint = "do you mean " + strings.Join(near, " or ") + "?"
	}
	return fmt.Errorf("there is no command %q of `%s`; %s", name, cmd.CommandPath(), hint)
}

// helpCommand is cobra's, but fails for what is not there.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			found, left, err := cmd.Root().Find(args)
			switch {
			case err != nil || found == nil:
				return errors.Join(err, unknown(cmd.Root(), args[0]))
			case len(left) > 0:
				return unknown(found, left[0])
			}
			return found.Help()
		},
	}
}
