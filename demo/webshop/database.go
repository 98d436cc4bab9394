package webshop

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/throughline-io/throughline/demo/lab"
	"github.com/throughline-io/throughline/demo/process"
)

const databasePort = "3306"

// initDatabase makes an empty MariaDB data directory.
func initDatabase(ctx context.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, "mariadb-install-db", "--no-defaults", "--basedir=/usr", "--datadir="+dir,
		"--auth-root-authentication-method=normal", "--user=root", "--skip-test-db",
		"--force", // else a resolver must know the machine's own name
	).CombinedOutput()
	if err != nil {
		return fmt.Errorf("mariadb-install-db (Debian: apt-get install mariadb-server-core): %w\n%s", err, out)
	}
	return nil
}

func (c *cluster) startDatabase(ctx context.Context) error {
	dir := filepath.Join(c.opts.Dir, "mariadb")
	if err := initDatabase(ctx, dir); err != nil {
		return err
	}
	addr := spec.PodAddr("db-demo").String()
	p, err := c.startInPod("db-demo", process.Command{Name: "db-demo", Argv: []string{"mariadbd", "--no-defaults", "--datadir=" + dir, "--user=root",
		"--skip-grant-tables", "--skip-name-resolve", // without it a connection waits 6 s for DNS
		"--bind-address=" + addr, "--port=" + databasePort, "--socket=" + filepath.Join(dir, "s.sock"),
		"--skip-log-bin", "--innodb-buffer-pool-size=16M", "--max-connections=200"}})
	if err != nil {
		return err
	}
	c.database = p
	return c.waitPort(ctx, "db-demo", databasePort, p)
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
