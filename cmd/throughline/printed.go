package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"

	"github.com/spf13/cobra"
	"gopkg.in/yaml.v3"

	"github.com/throughline-io/throughline/server/text"
)

// The forms in which lists of agents and groups are printed.
const formats = "table, yaml or json"

func formatFlag(cmd *cobra.Command, format *string) {
	cmd.Flags().StringVarP(format, "output", "o", "table", formats)
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"table", "yaml", "json"}, cobra.ShellCompDirectiveNoFileComp)) // it fails for flags that are not there
}

func checkFormat(format string) error {
	switch format {
	case "table", "yaml", "json":
		return nil
	}
	return fmt.Errorf("--output %q: want %s", format, formats)
}

// list asks for a path and prints the answer, a pointer to which is v, in a form.
func (c *client) list(cmd *cobra.Command, format, path string, query url.Values, v any, table func(io.Writer, text.Colour) error) error {
	if err := checkFormat(format); err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	colour, err := c.colours(out)
	if err != nil {
		return err
	}
	if err := c.decode(cmd.Context(), path, query, v); err != nil {
		return err
	}
	return printAs(out, format, v, func(w io.Writer) error { return table(w, colour) })
}

func printAs(w io.Writer, format string, v any, table func(io.Writer) error) error {
	switch format {
	case "yaml":
		encoder := yaml.NewEncoder(w)
		encoder.SetIndent(2)
		return encoder.Encode(v)
	case "json":
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(v)
	}
	return table(w)
}
