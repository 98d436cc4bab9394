package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/agentgroup"
)

// Every flag of the agent is a setting that a group can say, or is known as the node's own.
func TestGroupsKnowEverySettingOfTheAgent(t *testing.T) {
	t.Parallel()
	flags := map[string]bool{}
	agentCommand().Flags().VisitAll(func(f *pflag.Flag) {
		if !isSetting(f) {
			return
		}
		flags[f.Name] = true
		if _, known := agentgroup.TakesEffect(f.Name); !known {
			t.Errorf("package agentgroup does not know --%s", f.Name)
		}
	})
	for _, name := range agentgroup.Names() {
		if !flags[name] {
			t.Errorf("package agentgroup has %s, and the agent has no such flag", name)
		}
	}
}

func TestGroupsKnowEveryProtocol(t *testing.T) {
	t.Parallel()
	var names []string
	for _, p := range l7.All {
		names = append(names, strings.ToLower(p.Name))
	}
	slices.Sort(names)
	if !slices.Equal(names, agentgroup.Protocols()) {
		t.Errorf("package l7 has %v, agentgroup %v", names, agentgroup.Protocols())
	}
}
