package agent_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/throughline-io/throughline/agent"
)

// senders post requests all the while, each as exporters do, and count those that were not answered
// with 200: nobody tries again here.
type senders struct {
	wg             sync.WaitGroup
	stop           chan struct{}
	good, bad      atomic.Int64
	mu             sync.Mutex
	firstComplaint string
}

func startSenders(address string, n int) *senders {
	s := &senders{stop: make(chan struct{})}
	for i := range n {
		s.wg.Go(func() {
			client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: i%2 == 0}}
			defer client.CloseIdleConnections()
			for {
				select {
				case <-s.stop:
					return
				default:
				}
				answer, err := client.Post("http://"+address+"/v1/traces", "application/json", strings.NewReader(oneSpan))
				if err == nil {
					answer.Body.Close()
				}
				if err == nil && answer.StatusCode == http.StatusOK {
					s.good.Add(1)
					continue
				}
				s.bad.Add(1)
				s.mu.Lock()
				if s.firstComplaint == "" && err != nil {
					s.firstComplaint = err.Error()
				} else if s.firstComplaint == "" {
					s.firstComplaint = answer.Status
				}
				s.mu.Unlock()
			}
		})
	}
	return s
}

func (s *senders) more(t *testing.T, n int64) {
	t.Helper()
	want := s.good.Load() + n
	eventually(t, "requests are answered", func() bool { return s.good.Load() >= want })
}

func (s *senders) end(t *testing.T) {
	t.Helper()
	close(s.stop)
	s.wg.Wait()
	if n := s.bad.Load(); n > 0 {
		t.Errorf("%d of %d requests were refused or not answered, first: %s", n, n+s.good.Load(), s.firstComplaint)
	}
}

// An agent that starts takes over the sockets of the one that runs with the same state directory, which
// ends: while they change no connection is refused and no request stays unanswered.
func TestAnAgentTakesOverTheSocketsOfTheOneBefore(t *testing.T) {
	t.Parallel()
	s, dir, address := newServer(t), t.TempDir(), freeAddress(t)
	config := agent.Config{Name: "node0", Node: "node0", Server: s.address, SYS: "off", OTLPHTTP: address, StateDir: dir, Log: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	start := func() chan error {
		ended := make(chan error, 1)
		go func() { ended <- agent.Run(ctx, config) }()
		return ended
	}
	running := start()
	eventually(t, "the agent listens", func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	load := startSenders(address, 4)
	for range 5 {
		load.more(t, 20)
		next := start()
		select {
		case err := <-running: // it ends by itself
			if err != nil {
				t.Fatal(err)
			}
		case err := <-next:
			t.Fatalf("the next agent ends: %v", err)
		}
		running = next
	}
	load.more(t, 20)
	load.end(t)
	cancel()
	if err := <-running; err != nil {
		t.Fatal(err)
	}
}

// systemd's sockets outlive an agent that is killed: who connects waits for the next one.
func TestAnAgentUsesTheSocketsOfSystemd(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	address, dir := socket.Addr().String(), t.TempDir()
	file, err := socket.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	start := func() *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.ExtraFiles = []*os.File{file}
		cmd.Env = append(os.Environ(), asAgent+"=1", "LISTEN_FDS=1", "SERVER="+s.address, "ADDRESS="+address, "STATE="+dir)
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	for range 3 {
		sent := make(chan string, 1)
		go func() { // before there is an agent
			answer, err := http.Post("http://"+address+"/v1/traces", "application/json", strings.NewReader(oneSpan))
			if err != nil {
				sent <- err.Error()
				return
			}
			answer.Body.Close()
			sent <- answer.Status
		}()
		cmd := start()
		if said := <-sent; said != "200 OK" {
			t.Errorf("a request that came while no agent ran: %s", said)
		}
		cmd.Process.Kill()
		cmd.Wait()
	}
}

// asAgent makes the test binary an agent that systemd starts.
const asAgent = "THROUGHLINE_TEST_AGENT"

func TestMain(m *testing.M) {
	if os.Getenv(asAgent) == "" {
		code := m.Run()
		os.RemoveAll(builtIn)
		os.Exit(code)
	}
	os.Setenv("LISTEN_PID", strconv.Itoa(os.Getpid()))
	err := agent.Run(context.Background(), agent.Config{Name: "node0", Server: os.Getenv("SERVER"), SYS: "off", OTLPHTTP: os.Getenv("ADDRESS"), StateDir: os.Getenv("STATE")})
	if err != nil {
		slog.Error("agent", "error", err)
		os.Exit(1)
	}
}

// A port that another program has ends neither the other receivers nor the captures; the agent says
// what does not work, is not ready, and takes the port when it is free.
func TestABusyPortEndsNothingElse(t *testing.T) {
	t.Parallel()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	dir := t.TempDir()
	stats := "unix://" + filepath.Join(dir, "stats")
	c := agent.Config{Name: "node0", Server: newServer(t).address, SYS: "off", OTLPHTTP: busy.Addr().String(), OTLPGRPC: "127.0.0.1:0", Stats: stats, Log: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- agent.Run(ctx, c) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	var s agent.Stats
	eventually(t, "the agent tells of itself", func() bool {
		s, err = statsOf(stats)
		return err == nil && len(s.OTLP) == 1
	})
	if s.Ready || len(s.Failed) != 1 || !strings.Contains(s.Failed[0], "OTLP/HTTP: listen on "+busy.Addr().String()) {
		t.Errorf("ready: %v, failed: %q", s.Ready, s.Failed)
	}
	post(t, s.OTLP[0], "/v1/traces")
	busy.Close()
	eventually(t, "the port is taken when it is free", func() bool {
		s, err = statsOf(stats)
		return err == nil && s.Ready && len(s.OTLP) == 2
	})
	post(t, busy.Addr().String(), "/v1/traces")
}
