package apm

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Config is one APM that is asked.
type Config struct {
	// Name is what messages and the ledger call it; "": its kind.
	Name string `yaml:"name"`
	// Kind is jaeger, tempo or skywalking.
	Kind string `yaml:"kind"`
	// URL is where its API is, with the path that stands before it, if any: of Jaeger's query service
	// http://HOST:16686, of Tempo http://HOST:3200, of SkyWalking's OAP server http://HOST:12800.
	URL string `yaml:"url"`
	// Headers are sent with each request, such as X-Scope-OrgID: of Tempo the tenant.
	Headers map[string]string `yaml:"headers"`
	// TokenFile holds a token that is sent as Authorization: Bearer; it is read again for each request.
	TokenFile string `yaml:"token_file"`
	// Timeout of its answer for one trace (5 s).
	Timeout time.Duration `yaml:"timeout"`
	// CAFile holds the authorities of its certificate, in PEM; "": those of the system.
	CAFile string `yaml:"ca_file"`
}

const (
	// maxConfigs bounds the APMs: each is asked for each trace.
	maxConfigs     = 8
	maxConfigBytes = 1 << 20
	defaultTimeout = 5 * time.Second
	// maxTimeout is below what a query may take, so that an answer without an APM's code comes.
	maxTimeout = 20 * time.Second
)

// ReadConfig reads a YAML file whose key apms is a list of Config.
func ReadConfig(file string) ([]Config, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConfigBytes))
	if err != nil {
		return nil, err
	}
	var all struct {
		APMs []Config `yaml:"apms"`
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&all); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if err := Check(all.APMs); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return all.APMs, nil
}

// Check fills in the defaults and says what is wrong.
func Check(all []Config) error {
	if len(all) > maxConfigs {
		return fmt.Errorf("%d APMs, and each is asked for each trace: at most %d", len(all), maxConfigs)
	}
	named := map[string]bool{}
	for i := range all {
		c := &all[i]
		if err := c.check(); err != nil {
			return fmt.Errorf("apms[%d]: %w", i, err)
		}
		if named[c.Name] {
			return fmt.Errorf("apms[%d]: two are called %q: give each a name of its own", i, c.Name)
		}
		named[c.Name] = true
	}
	return nil
}

func (c *Config) check() error {
	known := slices.Sorted(maps.Keys(kinds))
	if kinds[c.Kind] == nil {
		return fmt.Errorf("kind %q: want one of %s", c.Kind, strings.Join(known, ", "))
	}
	c.Name, c.Timeout = cmp.Or(c.Name, c.Kind), cmp.Or(c.Timeout, defaultTimeout)
	u, err := url.Parse(c.URL)
	switch {
	case err != nil:
		return fmt.Errorf("%s: the url cannot be read: want http(s)://host:port", c.Name) // without it: it may hold a password
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("%s: url %q: want http(s)://host:port", c.Name, u.Redacted())
	case u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("%s: url %q: want no parameters", c.Name, u.Redacted())
	case c.Timeout < time.Millisecond || c.Timeout > maxTimeout:
		return fmt.Errorf("%s: timeout %s: want at most %s", c.Name, c.Timeout, maxTimeout)
	case c.CAFile != "" && u.Scheme != "https":
		return fmt.Errorf("%s: ca_file goes with https only", c.Name)
	}
	for name, value := range c.Headers {
		if name == "" || strings.ContainsAny(name, " \t\r\n:") || strings.ContainsAny(value, "\r\n") {
			return fmt.Errorf("%s: header %q cannot be one", c.Name, name)
		}
		if c.TokenFile != "" && strings.EqualFold(name, "Authorization") {
			return fmt.Errorf("%s: token_file and a header Authorization say the same: give one", c.Name)
		}
	}
	return nil
}
