// Command traffic is what the scoreboard runs at both ends of the program that is looked at: the
// client, which makes requests, and the backend, which answers those that the program makes. The
// path of each request ends in an id, which every request made for it carries too.
package main

import (
	"fmt"
	"os"
)

func main() {
	roles := map[string]func([]string) error{"ask": ask, "answer": answer}
	if len(os.Args) < 2 || roles[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: traffic ask|answer [flags]")
		os.Exit(2)
	}
	if err := roles[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "traffic:", err)
		os.Exit(1)
	}
}
