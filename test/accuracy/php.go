package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/throughline-io/throughline/demo/process"
)

var phpCases = []Case{
	{Name: "php-fpm-unix", About: "nginx and PHP-FPM by a Unix socket; curl, PDO", Start: phpFPM("index.php", "DIR/fpm.sock", "unix:DIR/fpm.sock"), Calls: 2, Local: 1, Database: true, Share: 0.5, Short: true},
	{Name: "php-fpm-tcp", About: "the same by TCP on loopback", Start: phpFPM("index.php", "127.0.0.1:9000", "127.0.0.1:9000"), Calls: 2, Local: 1, Database: true, Share: 0.5},
	{Name: "php-fpm-spans", About: "php-fpm-unix with spans as OpenTelemetry's for PHP are, written by hand (not its SDK)", Start: phpFPM("instrumented.php", "DIR/fpm.sock", "unix:DIR/fpm.sock"), Calls: 2, Local: 1, Database: true, SDK: true, Share: 0.5},
}

const fpmConfig = `[global]
error_log = DIR/fpm.log
daemonize = no
[www]
user = root
group = root
listen = LISTEN
listen.mode = 0666
listen.backlog = 256
pm = static
pm.max_children = 16
clear_env = no
`

// phpFPM starts nginx and PHP-FPM in one pod; listen is where PHP does, pass how nginx says that.
func phpFPM(script, listen, pass string) func(context.Context, *site) error {
	return func(ctx context.Context, s *site) error {
		program, err := findFPM(ctx)
		if err != nil {
			return err
		}
		script, err := filepath.Abs(filepath.Join("test/accuracy/middle/php", script))
		if err != nil {
			return err
		}
		config, err := s.write("fpm.conf", fpmConfig, "LISTEN", s.inDir(listen))
		if err != nil {
			return err
		}
		if err := s.runIn(ctx, s.group, "middle", "", process.Command{Name: "php-fpm", Env: s.environment(), Argv: []string{program, "-R", "-F", "-y", config}}); err != nil {
			return err
		}
		if err := pause(ctx, time.Second); err != nil { // nginx does not wait for it
			return err
		}
		return nginx("fastcgi_pass "+s.inDir(pass)+"; fastcgi_param SCRIPT_FILENAME "+script+"; fastcgi_param REQUEST_URI $request_uri; fastcgi_param REQUEST_METHOD $request_method;")(ctx, s)
	}
}

// findFPM finds the program, whose name has PHP's version.
func findFPM(ctx context.Context) (string, error) {
	const name = "/usr/sbin/php-fpm*"
	if found, _ := filepath.Glob(name); len(found) > 0 {
		return found[0], nil
	}
	if err := apt(ctx, "", "php-fpm", "php-curl", "php-mysql"); err != nil {
		return "", err
	}
	found, _ := filepath.Glob(name)
	if len(found) == 0 {
		return "", errors.Join(os.ErrNotExist, errors.New("php-fpm was installed, and is not in /usr/sbin"))
	}
	return found[0], nil
}
