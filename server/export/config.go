package export

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// Config of an exporter. Zero values take the defaults named here.
type Config struct {
	// URL is where spans go: http(s)://host:4318, with /v1/traces where it has no path, or
	// grpc://host:4317, grpcs:// with TLS. "": nothing is exported.
	URL     string
	Headers map[string]string
	// Sources are the layers that are sent: SYS and NET. With APP the store gets code, too, under the
	// parents that were found.
	Sources []string
	// Services and Namespaces are of whom spans are sent, with * for any characters; none: all.
	Services, Namespaces []string
	// Wait is how long spans of a trace may take to come (10 s).
	Wait time.Duration
	// Traces waiting for that (100,000), spans waiting to be sent (50,000), and spans of a
	// request (512).
	Waiting, Queue, Batch int
	// Timeout of a request (10 s); Patience is how long it is tried again (5 min).
	Timeout, Patience time.Duration
	backoff           time.Duration // before the second try; 1 s

	Log *slog.Logger
}

// Check fills in the defaults and says what is wrong.
func (c *Config) Check() error {
	u, err := url.Parse(c.URL)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	switch u.Scheme {
	case "http", "https":
		if u.Path == "" || u.Path == "/" {
			u.Path = "/v1/traces"
			c.URL = u.String()
		}
	case "grpc", "grpcs":
		if u.Port() == "" || u.Path != "" && u.Path != "/" {
			return fmt.Errorf("export to %q: want grpc://host:port", c.URL)
		}
	default:
		return fmt.Errorf("export to %q: want http://host:4318, https://, grpc://host:4317 or grpcs://", c.URL)
	}
	if u.Host == "" {
		return fmt.Errorf("export to %q: it names no host", c.URL)
	}
	if len(c.Sources) == 0 {
		c.Sources = []string{"SYS", "NET"}
	}
	for _, s := range c.Sources {
		if _, err := span.ParseSource(s); err != nil {
			return fmt.Errorf("export: %w", err)
		}
	}
	if c.Wait < 0 || c.Waiting < 0 || c.Queue < 0 || c.Batch < 0 {
		return errors.New("export: a length of time or a number is below zero")
	}
	c.Wait, c.Timeout, c.Patience, c.backoff = cmp.Or(c.Wait, 10*time.Second), cmp.Or(c.Timeout, 10*time.Second), cmp.Or(c.Patience, 5*time.Minute), cmp.Or(c.backoff, time.Second)
	c.Waiting, c.Queue, c.Batch = cmp.Or(c.Waiting, 100_000), cmp.Or(c.Queue, 50_000), cmp.Or(c.Batch, 512)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// filter says which spans are sent.
type filter struct {
	sources              map[span.Source]bool
	services, namespaces []string
}

func newFilter(c *Config) filter {
	f := filter{map[span.Source]bool{}, c.Services, c.Namespaces}
	for _, name := range c.Sources {
		source, _ := span.ParseSource(name) // Check did
		f.sources[source] = true
	}
	return f
}

func (f *filter) passes(source span.Source, service, namespace string) bool {
	return f.sources[source] && oneOf(f.services, service) && oneOf(f.namespaces, namespace)
}

// oneOf reports whether a text is like one of the patterns; none is like all.
func oneOf(patterns []string, text string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool { return like(p, text) })
}

// like reports whether a text is as a pattern, in which * stands for any characters.
func like(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	rest, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		_, behind, found := strings.Cut(rest, part)
		if !found {
			return false
		}
		rest = behind
	}
	return strings.HasSuffix(rest, parts[last])
}
