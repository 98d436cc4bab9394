package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/throughline-io/throughline/agent/doctor"
	"github.com/throughline-io/throughline/agent/export"
	packets "github.com/throughline-io/throughline/agent/net"
	"github.com/throughline-io/throughline/agent/sys"
	"github.com/throughline-io/throughline/agent/topology"
)

// Names of parts.
const (
	partSYS       = "SYS"
	partNET       = "NET"
	partProcesses = "processes"
	partTLS       = "TLS"
	partPods      = "pods"
	partState     = "state"
	partServer    = "server"
)

// Diagnose tries what an agent of this configuration would do, and takes it back: it loads programs,
// opens sockets, writes a file, asks the server. Nothing of it lasts.
func Diagnose(ctx context.Context, c Config) (doctor.Report, error) {
	if err := c.check(); err != nil {
		return doctor.Report{}, err
	}
	d := diagnosis{c, doctor.Find()}
	parts := []doctor.Part{d.sys(), d.net(), d.pods(), d.processes(), d.tls()}
	for _, r := range c.receivers() {
		parts = append(parts, d.receiver(ctx, r))
	}
	return doctor.Report{Parts: append(parts, d.state(), d.server(ctx))}, nil
}

type diagnosis struct {
	Config
	facts doctor.Facts
}

// part is how something is that was tried. What the facts say is lacking explains an error, and limits
// nothing where there is none.
func part(name, says string, err error, lacks []doctor.Lack) doctor.Part {
	if err == nil {
		return doctor.Part{Name: name, State: doctor.Works, Says: says}
	}
	why, _, _ := strings.Cut(err.Error(), "\n") // what each way of trying said is no more than what is lacking
	return doctor.Part{Name: name, State: doctor.Fails, Says: why, Lacks: lacks}
}

func (d diagnosis) sys() doctor.Part {
	if d.SYS == "off" {
		return doctor.Part{Name: partSYS, State: doctor.Off}
	}
	variant, _ := sys.ParseVariant(d.SYS) // the configuration was checked
	hooks, err := sys.Try(variant)
	return part(partSYS, hooks, err, d.facts.SYS(d.SYS))
}

func (d diagnosis) net() doctor.Part {
	if !d.NET {
		return doctor.Part{Name: partNET, State: doctor.Off}
	}
	return part(partNET, "packet sockets", packets.Try(d.Netns), d.facts.NET())
}

// pods are what SYS and NET look at.
func (d diagnosis) pods() doctor.Part {
	if d.SYS == "off" && !d.NET {
		return doctor.Part{Name: partPods, State: doctor.Off}
	}
	node, err := topology.Discover(d.Netns)
	if err != nil {
		return part(partPods, "", err, d.facts.Namespaces())
	}
	p := part(partPods, fmt.Sprintf("%d behind a veth, %d without, %d NICs", len(node.Pods), len(node.Apart), len(node.NICs)), nil, nil)
	if p.Lacks = d.facts.Namespaces(); len(p.Lacks) > 0 {
		p.State = doctor.Limited
	}
	return p
}

func (d diagnosis) processes() doctor.Part {
	if d.SYS == "off" {
		return doctor.Part{Name: partProcesses, State: doctor.Off}
	}
	p := part(partProcesses, "which goroutine or thread makes each call, so that calls are found under their request", nil, nil)
	if p.Lacks = d.facts.Processes(); len(p.Lacks) > 0 {
		p.State = doctor.Limited
	}
	return p
}

// tls is what is said inside of TLS.
func (d diagnosis) tls() doctor.Part {
	if d.SYS == "off" || !d.SYSTLS.On {
		return doctor.Part{Name: partTLS, State: doctor.Off, Says: "what programs say inside of TLS is not seen: give --sys-tls to see it"}
	}
	p := part(partTLS, "what processes say by OpenSSL, GnuTLS and Go's crypto/tls", sys.TryTLS(), nil)
	if p.State == doctor.Fails { // all else goes on
		p.State, p.Lacks = doctor.Limited, []doctor.Lack{{What: p.Says, Mend: "a kernel with CONFIG_UPROBE_EVENTS, and /sys mounted"}}
		p.Says = "TLS is not looked into"
	}
	if d.facts.OwnPIDs {
		p.State, p.Lacks = doctor.Limited, d.facts.Processes()
	}
	return p
}

// lookTime bounds each question to another process.
const lookTime = 5 * time.Second

func (d diagnosis) receiver(ctx context.Context, at receiverAddress) doctor.Part {
	if at.address == "" {
		return doctor.Part{Name: at.name, State: doctor.Off}
	}
	l, err := listen(d.Netns, at.address)
	if err == nil {
		err = l.Close()
	}
	if !errors.Is(err, syscall.EADDRINUSE) {
		return part(at.name, at.address, err, nil)
	}
	if d.receives(ctx, at.address) {
		return part(at.name, at.address+", an agent receives there", nil, nil)
	}
	return part(at.name, "", err, []doctor.Lack{{What: "the port: another program listens there", Mend: "end that program, or give the receiver another address"}})
}

// receives reports whether an OTLP receiver answers at an address: it says that spans are sent by POST.
func (d diagnosis) receives(ctx context.Context, address string) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	client := http.Client{Timeout: lookTime, Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, to string) (c net.Conn, err error) {
		err = topology.Inside(d.Netns, func() error {
			c, err = new(net.Dialer).DialContext(ctx, "tcp", to)
			return err
		})
		return c, err
	}}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(cmp.Or(host, "127.0.0.1"), port)+"/v1/traces", nil)
	if err != nil {
		return false
	}
	answer, err := client.Do(request)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusMethodNotAllowed && answer.Header.Get("Allow") == http.MethodPost || answer.StatusCode == http.StatusUnauthorized
}

func (d diagnosis) state() doctor.Part {
	if d.StateDir == "" {
		return doctor.Part{Name: partState, State: doctor.Off, Says: "spans wait in memory: give --state-dir to keep them over a restart"}
	}
	at := d.StateDir
	for {
		if _, err := os.Stat(at); !errors.Is(err, os.ErrNotExist) || at == filepath.Dir(at) {
			break
		}
		at = filepath.Dir(at) // it is made at the start
	}
	if err := unix.Access(at, unix.W_OK); err != nil {
		return part(partState, "", fmt.Errorf("%s: %w", at, err), []doctor.Lack{{What: "leave to write there", Mend: "make the directory for the agent's user, or give another --state-dir"}})
	}
	p := part(partState, d.StateDir, nil, nil)
	var fs unix.Statfs_t
	if err := unix.Statfs(at, &fs); err == nil && int64(fs.Bavail)*fs.Bsize < d.LogBytes {
		p.State = doctor.Limited
		p.Lacks = []doctor.Lack{{What: fmt.Sprintf("room: %d MiB are free, the log may take %d", int64(fs.Bavail)*fs.Bsize>>20, d.LogBytes>>20), Mend: "make room, or give less by --log-size"}}
	}
	return p
}

func (d diagnosis) server(ctx context.Context) doctor.Part {
	if d.Print != nil {
		return doctor.Part{Name: partServer, State: doctor.Off}
	}
	err := d.ask(ctx)
	var lacks []doctor.Lack
	switch status.Code(err) {
	case codes.OK, codes.InvalidArgument: // it wants an agent's name: all else was right
		return part(partServer, d.Server, nil, nil)
	case codes.Unauthenticated, codes.PermissionDenied:
		lacks = []doctor.Lack{{What: "the right token", Mend: "give what the server's --token says by --token or THROUGHLINE_TOKEN"}}
	case codes.Unavailable, codes.DeadlineExceeded:
		lacks = []doctor.Lack{{What: "an answer of the server", Mend: "start one (throughline server, or throughline up for one machine), or see that --server and --tls... are what it listens with"}}
	}
	return part(partServer, "", fmt.Errorf("%s: %s", d.Server, status.Convert(err).Message()), lacks)
}

func (d diagnosis) ask(ctx context.Context) error {
	dial, err := d.dialOptions()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return export.Ask(ctx, export.Config{Server: d.Server, Dial: dial})
}
