package webshop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/throughline-io/throughline/demo/lab"
	"github.com/throughline-io/throughline/demo/mariadb"
	"github.com/throughline-io/throughline/demo/process"
)

// cluster is the demo while it runs.
type cluster struct {
	opts     Options
	lock     io.Closer
	lab      *lab.Lab
	group    *process.Group
	database *process.Process
	server   *process.Process
	agents   []*process.Process
	api      *api
	httpAddr string
	token    string
	onClose  []func() error
}

func (c *cluster) path(name string) string { return filepath.Join(c.opts.Dir, name) }

// progress says what the demo does, on the terminal of whoever waits for it.
func (c *cluster) progress(format string, args ...any) {
	fmt.Fprintf(c.opts.Log, format+"\n", args...)
}

// up starts everything; close must be called also when it fails.
func (c *cluster) up(ctx context.Context) error {
	if os.Geteuid() != 0 {
		return errors.New("the demo makes network namespaces and loads eBPF programs: run it as root")
	}
	var err error
	if c.lock, err = lab.Lock("demo"); err != nil {
		return err
	}
	began := time.Now()
	if c.group, err = process.NewGroup(c.opts.Dir); err != nil {
		return err
	}
	for _, old := range []string{"data", "mariadb", "state", "log"} {
		if err := os.RemoveAll(c.path(old)); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(c.path("log"), 0o755); err != nil {
		return err
	}
	for file, text := range map[string]string{"hosts": hosts(), "entities.yaml": entities()} {
		if err := os.WriteFile(c.path(file), []byte(text), 0o644); err != nil {
			return err
		}
	}
	c.progress("network: 3 nodes, 7 pods, IPIP between the nodes")
	if c.lab, err = lab.Up(spec); err != nil {
		return err
	}
	c.progress("server with the embedded store")
	if err := c.startServer(); err != nil {
		return err
	}
	c.progress("db-demo: MariaDB")
	if err := c.startDatabase(ctx); err != nil {
		return err
	}
	c.progress("web-shop, svc-user, svc-item, svc-order, svc-stock")
	if err := c.startServices(ctx); err != nil {
		return err
	}
	if err := c.waitServer(ctx); err != nil {
		return err
	}
	c.progress("an agent on each node")
	for n := range spec.Nodes {
		if err := c.startAgent(n); err != nil {
			return err
		}
	}
	if err := c.waitAgents(ctx); err != nil {
		return err
	}
	if err := c.startBreak(); err != nil {
		return err
	}
	c.progress("up after %.1f s; logs are in %s", time.Since(began).Seconds(), c.path("log"))
	return nil
}

// close ends every program and removes the network.
func (c *cluster) close() error {
	var errs []error
	for i := len(c.onClose) - 1; i >= 0; i-- {
		errs = append(errs, c.onClose[i]())
	}
	if c.group != nil {
		errs = append(errs, c.group.Close())
	}
	if c.lab != nil {
		errs = append(errs, c.lab.Close())
	}
	if c.lock != nil {
		c.lock.Close()
	}
	return errors.Join(errs...)
}

// startInPod starts a program in a pod's network namespace, with the pods' hosts file.
func (c *cluster) startInPod(pod string, cmd process.Command) (*process.Process, error) {
	cmd.Argv = append([]string{c.opts.Programs.Throughline, "demo", "pod-exec", "--netns", spec.PodNetns(pod), "--hosts", c.path("hosts"), "--"}, cmd.Argv...)
	return c.group.Start(cmd)
}

// wait polls until check succeeds, and fails with its last error after the limit.
func (c *cluster) wait(ctx context.Context, what string, limit time.Duration, check func() error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := check()
		if err == nil {
			return nil
		}
		select {
		case lost := <-c.group.Lost():
			return lost
		case <-ctx.Done():
			return fmt.Errorf("waited for: %s: %w", what, err)
		case <-tick.C:
		}
	}
}

func (c *cluster) startServer() error {
	if c.httpAddr == "" { // the same again after a kill
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		c.httpAddr = l.Addr().String()
		l.Close()
	}
	p, err := c.group.Start(process.Command{Name: "server", Argv: []string{c.opts.Programs.Throughline, "server",
		"--data-dir", c.path("data"), "--entities", c.path("entities.yaml"),
		"--listen-grpc", "unix://" + c.path("server.sock"), "--listen-http", c.httpAddr, "--token", c.token}})
	if err != nil {
		return err
	}
	c.server = p
	c.api = newAPI("http://"+c.httpAddr, c.token)
	return nil
}

func (c *cluster) waitServer(ctx context.Context) error {
	return c.wait(ctx, "the server answers", 60*time.Second, func() error { return c.api.healthy(ctx) })
}

func (c *cluster) startAgent(n int) error {
	node := spec.Nodes[n]
	p, err := c.group.Start(process.Command{Name: "agent-" + node, Argv: []string{c.opts.Programs.Throughline, "agent",
		"--name", node, "--node", node, "--netns", lab.NetnsPath(spec.NodeNetns(n)), "--server", "unix://" + c.path("server.sock"),
		"--state-dir", c.path("state/" + node), "--sys-variant", c.opts.SYSVariant,
		"--stats", "unix://" + c.path("agent-"+node+".sock")}})
	if err != nil {
		return err
	}
	for len(c.agents) <= n {
		c.agents = append(c.agents, nil)
	}
	c.agents[n] = p
	return nil
}

func (c *cluster) startServices(ctx context.Context) error {
	for _, p := range spec.Pods {
		if p.Name == "loadgenerator" || p.Name == "db-demo" {
			continue
		}
		svc, err := c.startInPod(p.Name, process.Command{Name: p.Name, Argv: []string{c.opts.Programs.WebShop}, Env: []string{
			"OTEL_SERVICE_NAME=" + p.Name,
			"OTEL_RESOURCE_ATTRIBUTES=service.namespace=" + namespace,
			"OTEL_EXPORTER_OTLP_ENDPOINT=http://" + net.JoinHostPort(spec.NodeAddr(p.Node).String(), "4318"),
			"OTEL_BSP_SCHEDULE_DELAY=200", "OTEL_BSP_MAX_QUEUE_SIZE=65536",
			// Patience while the store is down: what was not acknowledged is sent again.
			"OTEL_EXPORTER_OTLP_TIMEOUT=60000", "OTEL_BSP_EXPORT_TIMEOUT=120000",
			"WEBSHOP_LISTEN=:8080",
			"WEBSHOP_DATABASE=root@tcp(db-demo:" + mariadb.Port + ")/",
			"WEBSHOP_BREAK=" + c.opts.Break,
		}})
		if err != nil {
			return err
		}
		if err := c.waitPort(ctx, p.Name, "8080", svc); err != nil {
			return err
		}
	}
	return nil
}
