package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline-io/throughline/pkg/saved"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/words"
	"github.com/throughline-io/throughline/server/text"
)

// What is read of a file.
const (
	maxFile      = 1 << 30 // bytes, unpacked
	maxFileSpans = 1_000_000
)

func traceOpenCommand(c *client) *cobra.Command {
	var format, id string
	cmd := &cobra.Command{
		Use:   "open FILE",
		Short: "Print a trace that was saved as a file",
		Long: `Prints a trace of a file as "trace get" does, without a server: JSON that
Throughline saved or printed, OTLP in JSON (one document, or one on each line, as a
collector's file exporter writes them), and the JSON of Jaeger, Zipkin (version 2)
and Tempo, each also packed by gzip. FILE may be - for the standard input.

A file with several traces is listed; --trace chooses one of them, or "all".`,
		Example: `  throughline trace open trace.json
  throughline trace open spans.jsonl.gz --trace 0af7651916cd43dd8448eb211c80319c
  curl -s http://jaeger:16686/api/traces/0af7651916cd43dd | throughline trace open -`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			colour, err := c.colours(out)
			if err != nil {
				return err
			}
			if format != "tree" && format != "table" && format != "json" {
				return fmt.Errorf("--output %q: want tree, table or json", format)
			}
			file, err := openFile(cmd.InOrStdin(), args[0])
			if err != nil {
				return fmt.Errorf("open %s: %w", args[0], err)
			}
			for _, why := range file.LeftOut {
				fmt.Fprintf(cmd.ErrOrStderr(), "not everything is shown: %s\n", text.Clean(why))
			}
			if id == "" && len(file.Traces) > 1 {
				return listTraces(out, file)
			}
			t, err := file.Find(id)
			if err != nil {
				return err
			}
			p := trace.Print(t.Assemble(), t.Entity)
			switch format {
			case "json":
				return json.NewEncoder(out).Encode(p)
			case "table":
				return text.Table(out, p, colour)
			}
			return text.Tree(out, p, colour)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&format, "output", "o", "tree", "tree, table or json")
	f.StringVar(&id, "trace", "", "which trace of the file, by its id; all: as one")
	return cmd
}

func openFile(in io.Reader, name string) (*saved.File, error) {
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in = file
	}
	content, err := io.ReadAll(io.LimitReader(in, maxFile+1)) // one more: then it is too large
	if err != nil {
		return nil, err
	}
	return saved.Read(content, saved.Limits{Bytes: maxFile, Spans: maxFileSpans})
}

// listTraces prints which traces a file has.
func listTraces(out io.Writer, file *saved.File) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s; --trace ID shows one, --trace all shows them as one\n\n", words.Count(len(file.Traces), "trace"))
	for _, t := range file.Traces {
		root := t.Root()
		fmt.Fprintf(&b, "%-32s  %s  %13s  %9s  %s\n", t.ID, time.Unix(0, t.Start()).UTC().Format("2006-01-02 15:04:05.000"), words.Count(len(t.Spans), "span"),
			text.Duration(int64(root.Duration)), text.Clean(strings.TrimSpace(root.Service+"  "+root.Endpoint)))
	}
	_, err := io.WriteString(out, b.String())
	return err
}
