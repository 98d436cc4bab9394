package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline-io/throughline/certificate"
	"github.com/throughline-io/throughline/server"
	"github.com/throughline-io/throughline/server/text"
)

// client asks a server's HTTP API.
type client struct {
	server    string
	token     string
	tokenFile string
	tls       certificate.Client
	colour    string
}

func (c *client) flags(cmd *cobra.Command) {
	f := cmd.PersistentFlags()
	f.StringVar(&c.server, "server", "", "URL of the server's API: http://host:port or unix:///path (default: $THROUGHLINE_SERVER, else http://"+server.DefaultHTTP+")")
	f.StringVar(&c.token, "token", "", "the server's token, where it asks for one (default: $THROUGHLINE_TOKEN)")
	f.StringVar(&c.tokenFile, "token-file", "", "file that holds the token")
	f.StringVar(&c.tls.CA, "tls-ca", "", "certificate authority of a server at https://, a PEM file (default: those of the system)")
	f.StringVar(&c.tls.Name, "tls-server-name", "", "name in the server's certificate, where --server has another")
	f.StringVar(&c.colour, "color", "auto", "colours: auto (on a terminal), always, never")
}

// maxAnswer is far more than a trace of a million spans.
const maxAnswer = 2 << 30

// get asks for a path and hands its body to read.
func (c *client) get(ctx context.Context, path string, query url.Values, read func(io.Reader) error) error {
	return c.call(ctx, http.MethodGet, path, query, nil, read)
}

// call sends a body to a path, nil none, and hands the answer's to read.
func (c *client) call(ctx context.Context, method, path string, query url.Values, body io.Reader, read func(io.Reader) error) error {
	base := cmp.Or(c.server, os.Getenv("THROUGHLINE_SERVER"), "http://"+server.DefaultHTTP)
	config, err := c.tls.Config()
	if err != nil {
		return err
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: config()}
	if socket, unix := strings.CutPrefix(base, "unix://"); unix {
		base = "http://localhost"
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		}
	} else if !strings.Contains(base, "://") {
		base = "http://" + base
	}
	u, err := url.Parse(strings.TrimRight(base, "/") + path)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("--server %q: want http://host:port, https://host:port or unix:///path", base)
	}
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return err
	}
	token, err := readToken(c.token, c.tokenFile)
	if err != nil {
		return err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport, Timeout: 2 * time.Minute}).Do(req)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = certificate.Explain(u.Err)
		}
		return fmt.Errorf("ask the server at %s: %w; is it running, and is --server right?", base, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return c.failure(resp)
	}
	return read(io.LimitReader(resp.Body, maxAnswer))
}

func (c *client) failure(resp *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	var answer struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(body, &answer) == nil && answer.Error != "" {
		return errors.New(text.Clean(answer.Error))
	}
	return fmt.Errorf("the server answered %s: %s", resp.Status, text.Clean(strings.TrimSpace(string(body))))
}

// decode asks for a path and reads its JSON into v.
func (c *client) decode(ctx context.Context, path string, query url.Values, v any) error {
	return c.get(ctx, path, query, func(r io.Reader) error {
		if err := json.NewDecoder(r).Decode(v); err != nil {
			return fmt.Errorf("read the server's answer: %w", err)
		}
		return nil
	})
}

// change sends something that changes the server's state and reads its answer into v.
func (c *client) change(ctx context.Context, method, path string, query url.Values, body io.Reader, v any) error {
	return c.call(ctx, method, path, query, body, func(r io.Reader) error {
		if err := json.NewDecoder(r).Decode(v); err != nil {
			return fmt.Errorf("read the server's answer: %w", err)
		}
		return nil
	})
}

// copyTo prints a body as it comes.
func copyTo(w io.Writer) func(io.Reader) error {
	return func(r io.Reader) error {
		_, err := io.Copy(w, r)
		return err
	}
}

// colours says whether to print them on w.
func (c *client) colours(w io.Writer) (text.Colour, error) {
	switch c.colour {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto", "":
		f, ok := w.(*os.File)
		if !ok || os.Getenv("NO_COLOR") != "" {
			return false, nil
		}
		info, err := f.Stat()
		return text.Colour(err == nil && info.Mode()&os.ModeCharDevice != 0), nil
	}
	return false, fmt.Errorf("--color %q: want auto, always or never", c.colour)
}

// show asks for a path and prints its answer, as JSON or as text by print.
func (c *client) show(cmd *cobra.Command, format, path string, query url.Values, v any, print func(io.Writer, text.Colour) error) error {
	out := cmd.OutOrStdout()
	switch format {
	case "json":
		return c.get(cmd.Context(), path, query, copyTo(out))
	case "text":
	default:
		return fmt.Errorf("--output %q: want text or json", format)
	}
	colour, err := c.colours(out)
	if err != nil {
		return err
	}
	if err := c.decode(cmd.Context(), path, query, v); err != nil {
		return err
	}
	return print(out, colour)
}
