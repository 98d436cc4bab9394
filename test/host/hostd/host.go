package hostd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Options say what to serve, and where.
type Options struct {
	Listen      string       // address, default 127.0.0.1:0
	DistDir     string       // the built plugin: plugin.json and what lies beside and below it
	PageDir     string       // the built page: host.js, icons, fonts
	Datasources []Datasource // beside those of Provisioning
	// Provisioning is a folder as /etc/grafana/provisioning, and Environment what $__env{} in its
	// files means.
	Provisioning string
	Environment  map[string]string
	Database     *Database // default: of a Grafana that never ran
	// SubPath is the path of Grafana's root_url where it serves from there, such as "/grafana".
	SubPath   string
	Role      string // org role of the user: Viewer (default), Editor or Admin
	Theme     string // dark (default) or light; ?theme= overrides it
	Home      string // where / leads, default the list of pages
	Logf      func(format string, args ...any)
	PluginLog io.Writer // what the backends log, default standard error
}

// Datasource is a configured instance of a data source.
type Datasource struct {
	UID, Name string
	Type      string            // id of the plugin
	URL       string            // as in Grafana's settings
	JSONData  json.RawMessage   // settings, default {}
	Secure    map[string]string // decrypted secrets: they reach the backend only
}

// Host is a running host.
type Host struct {
	opts        Options
	plugins     map[string]*plugin
	datasources map[string]*instance
	db          *Database
	listener    net.Listener
	server      *http.Server
	done        chan error
	close       sync.Once
}

// Start loads the plugin, starts its backends and listens. The host runs until the context
// ends or Close is called.
func Start(ctx context.Context, opts Options) (*Host, error) {
	if opts.Listen == "" {
		opts.Listen = "127.0.0.1:0"
	}
	if opts.Role == "" {
		opts.Role = "Viewer"
	}
	if opts.Theme == "" {
		opts.Theme = "dark"
	}
	if opts.PluginLog == nil {
		opts.PluginLog = os.Stderr
	}
	if opts.Database == nil {
		opts.Database = NewDatabase()
	}
	if opts.Logf == nil {
		opts.Logf = log.Printf
	}
	if _, err := os.Stat(filepath.Join(opts.PageDir, "host.js")); err != nil {
		return nil, fmt.Errorf("the host's page is not built: run `npm run build:page`: %w", err)
	}
	h := &Host{
		opts: opts, plugins: map[string]*plugin{}, datasources: map[string]*instance{}, db: opts.Database, done: make(chan error, 1),
	}
	if err := h.load(ctx); err != nil {
		h.stopPlugins()
		return nil, err
	}
	var err error
	if h.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", opts.Listen); err != nil {
		h.stopPlugins()
		return nil, fmt.Errorf("listen for the page: %w", err)
	}
	h.server = &http.Server{Handler: h.routes(), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		err := h.server.Serve(h.listener)
		if errors.Is(err, http.ErrServerClosed) {
			err = nil
		}
		h.done <- err
		close(h.done)
	}()
	context.AfterFunc(ctx, func() { h.Close() })
	return h, nil
}

// Run is Start and Wait; ready, if given, is called with the page's address.
func Run(ctx context.Context, opts Options, ready func(url string)) error {
	h, err := Start(ctx, opts)
	if err != nil {
		return err
	}
	defer h.Close()
	if ready != nil {
		ready(h.URL())
	}
	return h.Wait()
}

// URL is the page's address, without a slash at the end.
func (h *Host) URL() string { return "http://" + h.listener.Addr().String() + h.opts.SubPath }

// Wait returns when the host has stopped.
func (h *Host) Wait() error { return <-h.done }

// Close stops the server and the plugin's processes. It may be called more than once.
func (h *Host) Close() {
	h.close.Do(func() {
		_ = h.server.Close()
		h.stopPlugins()
	})
}

// load scans the built plugin, adds the data sources and turns apps on, as Grafana does at its
// start.
func (h *Host) load(ctx context.Context) error {
	if err := h.scan(ctx, h.opts.DistDir); err != nil {
		return fmt.Errorf("load the built plugin: %w", err)
	}
	if len(h.plugins) == 0 {
		return fmt.Errorf("no plugin.json under %s: run `npm run build`", h.opts.DistDir)
	}
	apps, err := h.provision()
	if err != nil {
		return fmt.Errorf("read the provisioning: %w", err)
	}
	for n, d := range h.opts.Datasources {
		p := h.plugins[d.Type]
		if p == nil {
			return fmt.Errorf("data source %s: no plugin %s under %s", d.Name, d.Type, h.opts.DistDir)
		}
		if len(d.JSONData) == 0 {
			d.JSONData = json.RawMessage(`{}`)
		}
		h.datasources[d.UID] = &instance{Datasource: d, id: int64(n + 1), plugin: p, updated: time.Now()}
	}
	for id, on := range apps {
		if h.plugins[id] == nil {
			return fmt.Errorf("the provisioning turns on %s: no such plugin under %s", id, h.opts.DistDir)
		}
		if err := h.setEnabled(h.plugins[id], on); err != nil {
			return err
		}
	}
	return h.updateDashboards()
}

func (h *Host) stopPlugins() {
	for _, p := range h.plugins {
		p.stop()
	}
}
