package webshop

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"time"

	"github.com/throughline-io/throughline/demo/lab"
	"github.com/throughline-io/throughline/demo/mariadb"
	"github.com/throughline-io/throughline/demo/process"
)

func (c *cluster) startDatabase(ctx context.Context) error {
	dir := filepath.Join(c.opts.Dir, "mariadb")
	if err := mariadb.Init(ctx, dir); err != nil {
		return err
	}
	p, err := c.startInPod("db-demo", process.Command{Name: "db-demo", Argv: mariadb.Argv(dir, spec.PodAddr("db-demo").String())})
	if err != nil {
		return err
	}
	c.database = p
	return c.waitPort(ctx, "db-demo", mariadb.Port, p)
}

// waitPort waits until a pod accepts connections. The attempt comes from within the pod,
// and before the agents start, so that it is nobody's span.
func (c *cluster) waitPort(ctx context.Context, pod, port string, p *process.Process) error {
	addr := net.JoinHostPort(spec.PodAddr(pod).String(), port)
	return c.wait(ctx, pod+" listens", 60*time.Second, func() error {
		return lab.In(spec.PodNetns(pod), func() error {
			conn, err := net.DialTimeout("tcp4", addr, time.Second)
			if err != nil {
				return fmt.Errorf("%w; the end of its log:\n%s", err, p.Tail(1500))
			}
			return conn.Close()
		})
	})
}
