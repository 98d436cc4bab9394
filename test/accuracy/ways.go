package main

import (
	"fmt"
	"strings"
)

// way is how requests come.
type way struct {
	name        string
	connections int
	rate        float64 // requests a second at random times; 0: as soon as the last is answered
	fresh       bool    // to an agent that has seen nothing of the program
	share       float64 // of the requests that a case gets
}

// Fresh ways come first: the agent is started anew before each.
var ways = []way{
	{"1 fresh", 1, 0, true, 0.25},
	{"16 fresh", 16, 0, true, 0.25},
	{"1", 1, 0, false, 1},
	{"16", 16, 0, false, 1},
	{"64", 64, 0, false, 1},
	{"random", 32, 150, false, 0.5},
}

// chooseWays picks them by name.
func chooseWays(names string) (out []way, err error) {
	for _, w := range ways {
		if names == "" || strings.Contains(","+names+",", ","+w.name+",") {
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("-at %q: want some of 1 fresh, 16 fresh, 1, 16, 64, random", names)
	}
	return out, nil
}
