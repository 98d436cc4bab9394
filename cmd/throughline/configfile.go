package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"
	"gopkg.in/yaml.v3"

	"github.com/throughline-io/throughline/agentgroup"
)

// Flags that are no settings.
const (
	configFlag      = "config"
	printConfigFlag = "print-config"
)

func isSetting(f *pflag.Flag) bool {
	return f.Name != configFlag && f.Name != printConfigFlag && f.Name != "help" && f.Name != "print"
}

// secret are settings whose values are not printed.
func secret(name string) bool { return strings.HasSuffix(name, "token") }

// readConfig sets, from a YAML file, the flags that were not given: a key is a flag's name, a value
// what stands behind it; a flag that may be repeated takes a list.
func readConfig(path string, flags *pflag.FlagSet) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	var file yaml.Node
	if err := yaml.Unmarshal(data, &file); err != nil {
		return fmt.Errorf("configuration %s: %w", path, err)
	}
	if len(file.Content) == 0 { // empty, or comments alone
		return nil
	}
	root := file.Content[0]
	if root.Kind != yaml.MappingNode {
		return fmt.Errorf("configuration %s, line %d: want settings as `name: value`", path, root.Line)
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		f := flags.Lookup(key.Value)
		switch {
		case f == nil || !isSetting(f):
			return fmt.Errorf("configuration %s, line %d: there is no setting %q; do you mean %q?", path, key.Line, key.Value, nearest(key.Value, flags))
		case seen[key.Value]:
			return fmt.Errorf("configuration %s, line %d: %s is there twice", path, key.Line, key.Value)
		}
		seen[key.Value] = true
		if f.Changed {
			continue // the command line wins
		}
		if err := setFlag(f, value); err != nil {
			return fmt.Errorf("configuration %s, line %d: %s: %w", path, value.Line, key.Value, err)
		}
	}
	return nil
}

func setFlag(f *pflag.Flag, value *yaml.Node) error {
	switch value.Kind {
	case yaml.ScalarNode:
		return f.Value.Set(value.Value)
	case yaml.SequenceNode:
		list, ok := f.Value.(pflag.SliceValue)
		if !ok {
			return fmt.Errorf("want one value, there is a list")
		}
		var values []string
		if err := value.Decode(&values); err != nil {
			return err
		}
		return list.Replace(values)
	case yaml.MappingNode:
		if s, ok := f.Value.(switches); ok {
			var values map[string]string
			if err := value.Decode(&values); err != nil {
				return err
			}
			for name, value := range values {
				if err := s.switchOne(name, value); err != nil {
					return err
				}
			}
			return nil
		}
	}
	return fmt.Errorf("want a value or a list of values")
}

// printConfig is what is in force, as a file for --config. Secrets are not in it.
func printConfig(flags *pflag.FlagSet) ([]byte, error) {
	all := yaml.Node{Kind: yaml.MappingNode}
	var err error
	flags.VisitAll(func(f *pflag.Flag) {
		if !isSetting(f) || err != nil {
			return
		}
		var value yaml.Node
		switch list, isList := f.Value.(pflag.SliceValue); {
		case isList:
			err = value.Encode(list.GetSlice())
		case secret(f.Name) && f.Value.String() != "":
			value = yaml.Node{Kind: yaml.ScalarNode, Value: "", Style: yaml.DoubleQuotedStyle, LineComment: "set; not shown"}
		case f.Value.Type() == "string":
			err = value.Encode(f.Value.String())
		default:
			value = yaml.Node{Kind: yaml.ScalarNode, Value: f.Value.String()}
		}
		all.Content = append(all.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: f.Name, HeadComment: f.Usage}, &value)
	})
	if err != nil {
		return nil, err
	}
	return yaml.Marshal(&all)
}

// nearest is the setting whose name takes the fewest changes of a letter.
func nearest(name string, flags *pflag.FlagSet) string {
	var names []string
	flags.VisitAll(func(f *pflag.Flag) {
		if isSetting(f) {
			names = append(names, f.Name)
		}
	})
	return agentgroup.Nearest(name, names)
}
