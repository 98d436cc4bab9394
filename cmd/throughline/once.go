package main

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// onceEach has the flags of a command and those below it that take one value refuse a second one: the last would
// count, and nobody would be told of the others.
func onceEach(cmd *cobra.Command) *cobra.Command {
	for _, flags := range []*pflag.FlagSet{cmd.Flags(), cmd.PersistentFlags()} {
		flags.VisitAll(func(f *pflag.Flag) {
			_, list := f.Value.(pflag.SliceValue)
			_, wrapped := f.Value.(*once)
			if !list && !wrapped && f.Value.Type() != "bool" {
				f.Value = &once{Value: f.Value}
			}
		})
	}
	for _, below := range cmd.Commands() {
		onceEach(below)
	}
	return cmd
}

// once is a flag that is given once.
type once struct {
	pflag.Value
	given bool
}

// Set takes the first value.
func (o *once) Set(value string) error {
	if o.given {
		return errors.New("the flag is given twice, and takes one value")
	}
	o.given = true
	return o.Value.Set(value)
}
