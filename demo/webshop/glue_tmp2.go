package webshop

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/throughline-io/throughline/demo/lab"
	"github.com/throughline-io/throughline/demo/process"
)

func (c *cluster) tryUp(ctx context.Context) (err error) {
	if c.group, err = process.NewGroup(c.opts.Dir); err != nil {
		return
	}
	for _, d := range []string{"mariadb", "log", "state"} {
		os.RemoveAll(c.path(d))
	}
	os.MkdirAll(c.path("log"), 0o755)
	os.WriteFile(c.path("hosts"), []byte(hosts()), 0o644)
	if c.lab, err = lab.Up(spec); err != nil {
		return
	}
	if err = c.startDatabase(ctx); err != nil {
		return
	}
	if err = c.startServices(ctx); err != nil {
		return
	}
	for n, node := range spec.Nodes {
		f, _ := os.Create(c.path("spans-" + node + ".jsonl"))
		_, err = c.group.Start(process.Command{Name: "agent-" + node, Stdout: f, Argv: []string{c.opts.Programs.Throughline, "agent",
			"--name", node, "--node", node, "--netns", lab.NetnsPath(spec.NodeNetns(n)), "--print",
			"--state-dir", c.path("state/" + node), "--sys-variant", c.opts.SYSVariant,
			"--stats", "unix://" + c.path("agent-"+node+".sock")}})
		if err != nil {
			return
		}
	}
	time.Sleep(3 * time.Second)
	fmt.Println("up")
	return nil
}
