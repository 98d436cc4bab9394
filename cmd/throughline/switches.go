package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// switches are the values of a flag as http=true,mysql=false; in a file they may be a mapping.
type switches struct{ on *map[string]bool }

func newSwitches(on *map[string]bool) switches { return switches{on} }

func (s switches) String() string {
	if s.on == nil {
		return ""
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(*s.on)) {
		all = append(all, name+"="+strconv.FormatBool((*s.on)[name]))
	}
	return strings.Join(all, ",")
}

func (switches) Type() string { return "name=bool" }

// Set takes a list, which adds to what was set before.
func (s switches) Set(list string) error {
	for _, one := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		name, value, _ := strings.Cut(one, "=")
		if err := s.switchOne(name, value); err != nil {
			return err
		}
	}
	return nil
}

func (s switches) switchOne(name, value string) error {
	on, err := strconv.ParseBool(value)
	if err != nil {
		return fmt.Errorf("%q: want %s=true or %s=false", value, name, name)
	}
	if *s.on == nil {
		*s.on = map[string]bool{}
	}
	(*s.on)[strings.ToLower(name)] = on
	return nil
}
