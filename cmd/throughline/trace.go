package main

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/server/text"
)

func traceCommand() *cobra.Command {
	c := new(client)
	cmd := &cobra.Command{Use: "trace", Short: "Print traces, and search for them"}
	c.flags(cmd)
	cmd.AddCommand(traceGetCommand(c), traceSearchCommand(c), traceOpenCommand(c))
	return cmd
}

func traceGetCommand(c *client) *cobra.Command {
	var (
		format, from, to string
		most             int
	)
	cmd := &cobra.Command{
		Use:   "get ID",
		Short: "Print the trace that an id belongs to",
		Long: `Prints one trace. ID is a trace id (32 hex digits), or the id of any of its
spans (16): as printed here, of whatever source, or an OpenTelemetry span id. It
may be written as other tools do: in upper case, without leading zeros, as a UUID,
with 0x before it, or as a W3C traceparent.

In the tree every line is a span: A application, S system call, N network;
then service and request, duration, where on the request's path it was seen,
node and pod or interface. Links to the parent are proven unless the line says
otherwise.`,
		Example: `  throughline trace get 0af7651916cd43dd8448eb211c80319c
  throughline trace get 06a1f0e3b4c5d6e7 --output json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			colour, err := c.colours(out)
			if err != nil {
				return err
			}
			q := url.Values{}
			set(q, "from", from)
			set(q, "to", to)
			if most > 0 {
				q.Set("max_spans", strconv.Itoa(most))
			}
			path := "/api/v1/traces/" + url.PathEscape(args[0])
			switch format {
			case "json", "spans":
				q.Set("format", format)
				return c.get(cmd.Context(), path, q, copyTo(out))
			case "tree", "table":
			default:
				return fmt.Errorf("--output %q: want tree, table, json or spans", format)
			}
			var p trace.Printed
			if err := c.decode(cmd.Context(), path, q, &p); err != nil {
				return err
			}
			if format == "table" {
				return text.Table(out, &p, colour)
			}
			return text.Tree(out, &p, colour)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&format, "output", "o", "tree", "tree, table, json, or spans (as stored, one JSON object a line)")
	f.StringVar(&from, "from", "", "when the trace was, at the earliest: only saves work (RFC 3339, Unix time, now-1h)")
	f.StringVar(&to, "to", "", "the same, at the latest")
	f.IntVar(&most, "max-spans", 0, "most spans to read (default: the server's)")
	return cmd
}

func traceSearchCommand(c *client) *cobra.Command {
	var (
		format     string
		attributes []string
		filters    []string
		limit      int
		values     = map[string]*string{}
	)
	cmd := &cobra.Command{
		Use:   "search",
		Short: "Find traces and spans, newest first",
		Long: `Finds traces of the last hour, newest first. Any span of a trace may match; the
line shows the trace, by its root. All conditions are about one span. In texts *
stands for any characters, and a|b is either. What is printed under TRACE is what
"trace get" takes.`,
		Example: `  throughline trace search --service web-shop --min-duration 100ms
  throughline trace search --namespace webshop --request-resource '*Order*' --status error --from now-24h
  throughline trace search --scope all --attribute user.id=42
  throughline trace search --filter 'http.response.status_code>=500' --filter 'k8s.pod.name=~cart-.*'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			colour, err := c.colours(out)
			if err != nil {
				return err
			}
			q := url.Values{"limit": {strconv.Itoa(limit)}, "attribute": attributes, "filter": filters}
			for name, v := range values {
				set(q, name, *v)
			}
			switch format {
			case "json":
				return c.get(cmd.Context(), "/api/v1/search", q, copyTo(out))
			case "table":
			default:
				return fmt.Errorf("--output %q: want table or json", format)
			}
			var found text.FoundSpans
			if err := c.decode(cmd.Context(), "/api/v1/search", q, &found); err != nil {
				return err
			}
			if err := text.Search(out, &found, colour); err != nil {
				return err
			}
			for _, why := range found.LeftOut {
				fmt.Fprintf(cmd.ErrOrStderr(), "not everything is shown: %s\n", text.Clean(why))
			}
			if found.Limited {
				fmt.Fprintf(cmd.ErrOrStderr(), "the newest %d; there may be more (--limit)\n", len(found.Spans))
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVarP(&format, "output", "o", "table", "table or json")
	f.StringSliceVar(&attributes, "attribute", nil, "attribute key=value, may be given several times")
	f.StringArrayVar(&filters, "filter", nil, "key, one of = != =~ !~ >= > <= <, and value; may be given several times")
	f.IntVar(&limit, "limit", 20, "most lines to print")
	for _, p := range []struct{ flag, parameter, usage string }{
		{"from", "from", "from when: RFC 3339, Unix time, now-1h (default: an hour ago)"},
		{"to", "to", "until when (default: now)"},
		{"namespace", "namespace", "namespace of either end"},
		{"workload", "workload", "workload of either end"},
		{"pod", "pod", "pod of either end"},
		{"service", "service", "service of either end"},
		{"node", "node", "node that saw it"},
		{"protocol", "protocol", "HTTP, MySQL, ..."},
		{"request-resource", "request_resource", "what was asked for: path, route, SQL"},
		{"source", "source", "APP, SYS or NET"},
		{"point", "point", "observation point: c-p, c, c-nd, s-nd, s, s-p, app"},
		{"min-duration", "min_duration", "such as 100ms"},
		{"max-duration", "max_duration", "such as 1s"},
		{"status", "status", "ok, error, unset, or one outcome: client error, server error, reset, closed, unanswered, open, timeout, unknown"},
		{"scope", "scope", "roots (traces), requests (as served), all (spans) (default: roots)"},
	} {
		v := new(string)
		values[p.parameter] = v
		f.StringVar(v, p.flag, "", p.usage)
	}
	return cmd
}

func set(q url.Values, name, value string) {
	if value != "" {
		q.Set(name, value)
	}
}
