package hostd

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// manifest is a plugin.json: the part that the host reads, and all of it for the page.
type manifest struct {
	ID, Type, Name, Executable string
	AutoEnabled                bool
	Info                       struct{ Version string }
	Includes                   []include
	all                        map[string]any
}

func (m *manifest) UnmarshalJSON(b []byte) error {
	type plain manifest
	if err := json.Unmarshal(b, (*plain)(m)); err != nil {
		return err
	}
	return json.Unmarshal(b, &m.all)
}

// include is a part of an app.
type include struct {
	Type, Name, Path, UID string
	AddToNav, DefaultNav  bool
}

// plugin is one plugin of the app: its folder, and its backend's process if it has one.
type plugin struct {
	manifest manifest
	dir      string
	client   *goplugin.Client
	process  *exec.Cmd
	stopped  chan struct{}
	data     grpcplugin.DataClient
	diag     grpcplugin.DiagnosticsClient
	resource grpcplugin.ResourceClient
}

// scan finds plugin.json files, and starts backends, as Grafana's loader does.
func (h *Host) scan(ctx context.Context, root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != "plugin.json" {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		p := &plugin{dir: filepath.Dir(path)}
		if err := json.Unmarshal(b, &p.manifest); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		h.plugins[p.manifest.ID] = p
		if p.manifest.Executable == "" {
			return nil
		}
		if err := p.start(ctx, h.opts.PluginLog); err != nil {
			return fmt.Errorf("start the backend of %s: %w", p.manifest.ID, err)
		}
		return nil
	})
}

// start runs the backend's executable under go-plugin with Grafana's handshake.
func (p *plugin) start(ctx context.Context, log io.Writer) error {
	executable := filepath.Join(p.dir, fmt.Sprintf("%s_%s_%s", p.manifest.Executable, runtime.GOOS, runtime.GOARCH))
	if _, err := os.Stat(executable); err != nil {
		return fmt.Errorf("the backend is not built: run `npm run build:backend`: %w", err)
	}
	p.process, p.stopped = exec.Command(executable), make(chan struct{})
	// A host that is killed takes its backends along.
	p.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	p.client = goplugin.NewClient(&goplugin.ClientConfig{
		Cmd: p.process,
		HandshakeConfig: goplugin.HandshakeConfig{
			ProtocolVersion: grpcplugin.ProtocolVersion, MagicCookieKey: "grafana_plugin_type", MagicCookieValue: "datasource",
		},
		VersionedPlugins: map[int]goplugin.PluginSet{grpcplugin.ProtocolVersion: {
			"data": &grpcplugin.DataGRPCPlugin{}, "diagnostics": &grpcplugin.DiagnosticsGRPCPlugin{}, "resource": &grpcplugin.ResourceGRPCPlugin{},
		}},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		// Large traces: gRPC's default is 4 MiB.
		GRPCDialOptions: []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1 << 30))},
		Logger:          hclog.New(&hclog.LoggerOptions{Name: p.manifest.ID, Level: hclog.Warn, Output: log}),
		SkipHostEnv:     true,
	})
	rpc, err := p.connect()
	if err != nil {
		p.stop()
		return err
	}
	for name, set := range map[string]func(any){
		"data":        func(c any) { p.data, _ = c.(grpcplugin.DataClient) },
		"diagnostics": func(c any) { p.diag, _ = c.(grpcplugin.DiagnosticsClient) },
		"resource":    func(c any) { p.resource, _ = c.(grpcplugin.ResourceClient) },
	} {
		client, err := rpc.Dispense(name)
		if err != nil {
			return fmt.Errorf("service %s: %w", name, err)
		}
		set(client)
	}
	if p.data == nil || p.diag == nil || p.resource == nil {
		return fmt.Errorf("the backend lacks one of the services data, diagnostics, resource")
	}
	return ctx.Err()
}

// connect starts the process, on a thread that lives as long as it should: the signal of
// Pdeathsig comes when the thread that started the process ends, not the host.
func (p *plugin) connect() (goplugin.ClientProtocol, error) {
	type connected struct {
		rpc goplugin.ClientProtocol
		err error
	}
	result := make(chan connected)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		rpc, err := p.client.Client()
		result <- connected{rpc, err}
		<-p.stopped
	}()
	c := <-result
	return c.rpc, c.err
}

func (p *plugin) stop() {
	if p.client == nil {
		return
	}
	p.client.Kill()
	if p.process.Process != nil {
		_ = p.process.Process.Kill() // it has ended, unless go-plugin gave it up
	}
	select {
	case <-p.stopped:
	default:
		close(p.stopped)
	}
}
