package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func serverCommand() *cobra.Command {
	return &cobra.Command{Use: "server", RunE: func(*cobra.Command, []string) error { return errors.New("being built") }}
}
