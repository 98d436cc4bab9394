// Command compare compares printed traces with the reference trace:
//
//	throughline trace get --json ID | go run ./test/compare/cmd/compare testdata/expected-trace.json
//	go run ./test/compare/cmd/compare testdata/expected-trace.json trace-1.json trace-2.json
//
// It exits 0 exactly when all of them are equal to it.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/throughline-io/throughline/test/compare"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func run(args []string, stdin io.Reader, out io.Writer) error {
	if len(args) == 0 {
		return errors.New("usage: compare expected-trace.json [printed.json ...]; without a printed trace it reads one from standard input")
	}
	expected, err := os.ReadFile(args[0])
	if err != nil {
		return fmt.Errorf("read the reference trace: %w", err)
	}
	files := args[1:]
	if len(files) == 0 {
		files = []string{"-"}
	}
	exact := 0
	for _, file := range files {
		printed, err := read(file, stdin)
		if err != nil {
			return fmt.Errorf("read a printed trace: %w", err)
		}
		diffs, err := compare.Traces(expected, printed)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, d := range diffs {
			fmt.Fprintf(out, "%s: %s\n", file, d)
		}
		if len(diffs) == 0 {
			exact++
		}
	}
	fmt.Fprintf(out, "exact %d/%d\n", exact, len(files))
	if exact != len(files) {
		return errors.New("not every trace is the reference trace")
	}
	return nil
}

func read(file string, stdin io.Reader) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(file)
}
