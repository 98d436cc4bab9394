// Package mariadb makes and starts an empty MariaDB, whose clients need no password.
package mariadb

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Port is where it listens.
const Port = "3306"

// Init makes an empty data directory.
func Init(ctx context.Context, dir string) error {
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

// Argv is the server's command line, for a data directory and the address it listens at.
func Argv(dir, addr string) []string {
	return []string{"mariadbd", "--no-defaults", "--datadir=" + dir, "--user=root",
		"--skip-grant-tables", "--skip-name-resolve", // without it a connection waits 6 s for DNS
		"--bind-address=" + addr, "--port=" + Port, "--socket=" + filepath.Join(dir, "s.sock"),
		"--skip-log-bin", "--innodb-buffer-pool-size=16M", "--max-connections=200"}
}
