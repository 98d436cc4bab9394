package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Case is a program that serves requests and makes calls for them, as its users run it.
type Case struct {
	Name  string
	About string // what it is made of
	Start func(ctx context.Context, s *site) error

	Entry    string // the pod that the client asks; "": middle
	Path     string // before the id, as the client asks; "": /a/
	Calls    int    // to the backend for a request; 0: one
	Database bool   // and one statement
	Sessions int    // requests on the wire for one of the client; 0: it, its calls and its statement
	Local    int    // of these, between processes of one pod: no interface sees them
	Load     loadOptions
	SDK      bool    // it is instrumented by OpenTelemetry and sends spans
	Share    float64 // of the requests that other cases get, for slow ones; 0: all
	Warm     int     // requests before the warm figures; 0: 200
	Short    bool    // is in the short form
	ShortAt  string  // ways of the short form; "": all of them
}

// loadOptions are what the client sends besides.
type loadOptions struct{ traceparent, requestID, grpc bool }

func (c *Case) path() string {
	if c.Path == "" {
		return "/a/"
	}
	return c.Path
}

func (c *Case) calls() int { return max(c.Calls, 1) + c.statements() }

func (c *Case) statements() int {
	if c.Database {
		return 1
	}
	return 0
}

func (c *Case) sessions() int { return max(c.Sessions, 1+c.calls()) }

// sys and net are the spans that a request has: one at each end of a session.
func (c *Case) sys() int { return 2 * c.sessions() }
func (c *Case) net() int { return 2 * (c.sessions() - c.Local) }

// cases are all, in the order of the table.
var cases = slices.Concat(goCases, proxyCases, envoyCases, nodeCases, pythonCases, javaCases, phpCases, rubyCases)

// choose picks cases by name, or by the beginning of names with a * behind; "": all, or those of the short form.
func choose(names string, short bool) ([]Case, error) {
	var out []Case
	if names == "" {
		for _, c := range cases {
			if c.Short || !short {
				out = append(out, c)
			}
		}
		return out, nil
	}
	for name := range strings.SplitSeq(names, ",") {
		before := len(out)
		for _, c := range cases {
			beginning, ok := strings.CutSuffix(name, "*")
			if c.Name == name || ok && strings.HasPrefix(c.Name, beginning) {
				out = append(out, c)
			}
		}
		if len(out) == before {
			return nil, fmt.Errorf("no case is called %q: see -list", name)
		}
	}
	return out, nil
}

func (c *Case) share() float64 {
	if c.Share == 0 {
		return 1
	}
	return c.Share
}
