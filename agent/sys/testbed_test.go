package sys

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/bpf"
	"github.com/throughline-io/throughline/pkg/span"
)

// The programs that are traced are this test program itself, started again in a role, as
// the agent leaves out its own process.
const roleVariable = "THROUGHLINE_SYS_TEST_ROLE"

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		if err := roles[role](bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", role, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// role is a traced program. It says what it did on its standard output, one JSON value per
// line, and lasts until its standard input ends.
type role func(in *bufio.Reader, out *json.Encoder) error

// bed is a network namespace of its own with a loopback device: what is traced in a test
// is what the test started.
type bed struct {
	t     testing.TB
	inode uint32
	tasks chan func()
}

// newBed needs root.
func newBed(t testing.TB) *bed {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: loads BPF programs and makes a network namespace")
	}
	b := &bed{t: t, tasks: make(chan func())}
	ready := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		ready <- b.enter()
		for f := range b.tasks {
			f()
		}
	}()
	if err := <-ready; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { close(b.tasks) })
	return b
}

func (b *bed) enter() error {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("make a network namespace: %w", err)
	}
	var st unix.Stat_t
	if err := unix.Stat("/proc/thread-self/ns/net", &st); err != nil {
		return err
	}
	b.inode = uint32(st.Ino)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	up, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	up.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, up)
}

// in runs f on a thread that is in the namespace.
func (b *bed) in(f func()) {
	done := make(chan struct{})
	b.tasks <- func() { defer close(done); f() }
	<-done
}

// program is a traced program that runs.
type program struct {
	t   testing.TB
	cmd *exec.Cmd
	in  io.WriteCloser
	out *json.Decoder
}

// start starts a program in a role, in the namespace.
func (b *bed) start(role string, env ...string) *program {
	b.t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(append(os.Environ(), roleVariable+"="+role), env...)
	return b.run(cmd)
}

// run starts a program, in namespaces of its own where such flags are given.
func (b *bed) run(cmd *exec.Cmd, own ...uintptr) *program {
	b.t.Helper()
	cmd.Stderr = os.Stderr
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = new(syscall.SysProcAttr)
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	for _, flag := range own {
		cmd.SysProcAttr.Cloneflags |= flag
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		b.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.t.Fatal(err)
	}
	b.in(func() { err = cmd.Start() })
	if err != nil {
		b.t.Fatal(err)
	}
	p := &program{t: b.t, cmd: cmd, in: in, out: json.NewDecoder(out)}
	b.t.Cleanup(func() { p.end() })
	return p
}

// read takes the next value that the program says.
func (p *program) read(v any) {
	p.t.Helper()
	if err := p.out.Decode(v); err != nil {
		p.t.Fatalf("read from the traced program: %v", err)
	}
}

// tell gives the program a value to read.
func (p *program) tell(v any) {
	p.t.Helper()
	if err := json.NewEncoder(p.in).Encode(v); err != nil {
		p.t.Fatalf("tell the traced program: %v", err)
	}
}

// end ends the program and waits for it.
func (p *program) end() {
	if p.cmd == nil {
		return
	}
	_ = p.in.Close()
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("traced program: %v", err)
	}
	p.cmd = nil
}

// seen are the spans and edges of a capture.
type seen struct {
	t       testing.TB
	capture *Capture
	ledger  *ledger.Ledger

	tooEarly uint64 // calls left out until captureTLS returned

	mu    sync.Mutex
	spans []span.Span
	edges []span.Edge
}

// capture begins a capture of the namespace.
func (b *bed) capture(v Variant, adjust ...func(*Config)) *seen {
	b.t.Helper()
	s := &seen{t: b.t, ledger: new(ledger.Ledger)}
	config := Config{
		Namespaces: []uint32{b.inode}, Variant: v, Ledger: s.ledger,
		Ring: 64 << 20, // for a reader ten times slower, as with the race detector beside other tests
		Sink: func(sp *span.Span) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.spans = append(s.spans, *sp)
		},
		Edge: func(e span.Edge) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.edges = append(s.edges, e)
		},
	}
	for _, f := range adjust {
		f(&config)
	}
	c, err := Start(context.Background(), config)
	if err != nil {
		b.t.Fatal(err)
	}
	s.capture = c
	b.t.Cleanup(func() { c.Close() })
	return s
}

// patience is how long a test waits for what must come.
const patience = time.Minute

// untilCaptured waits until the kernel has captured n calls.
func (s *seen) untilCaptured(n uint64) {
	s.t.Helper()
	until(s.t, func() bool { return s.captured() >= n })
}

// until waits until what must come is there.
func until(t testing.TB, there func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !there(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not there after %s", patience)
		}
	}
}

// untilListens waits until somebody listens at a TCP port of the namespace.
func (b *bed) untilListens(port int) {
	b.t.Helper()
	until(b.t, func() bool {
		listens := false
		b.in(func() {
			for _, file := range []string{"tcp", "tcp6"} {
				table, _ := os.ReadFile("/proc/thread-self/net/" + file)
				listens = listens || strings.Contains(string(table), fmt.Sprintf(":%04X 00000000", port)) // the other end of one that listens is nobody
			}
		})
		return listens
	})
}

// wait waits until there are n spans that match.
func (s *seen) wait(n int, match func(*span.Span) bool) []span.Span {
	s.t.Helper()
	var found []span.Span
	for deadline := time.Now().Add(patience); ; {
		if found = s.matching(match); len(found) >= n {
			return found
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%d spans after %s, want %d\nledger:\n%s", len(found), patience, n, s.lines())
		}
		time.Sleep(time.Millisecond)
	}
}

// all ends the capture and gives the spans that match.
func (s *seen) all(match func(*span.Span) bool) []span.Span {
	s.capture.Close()
	return s.matching(match)
}

func (s *seen) matching(match func(*span.Span) bool) (found []span.Span) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.spans {
		if match(&s.spans[i]) {
			found = append(found, s.spans[i])
		}
	}
	return found
}

// captured is how many calls the kernel has captured at this moment.
func (s *seen) captured() uint64 { return s.counter(bpf.SockioCounterCOUNTER_CAPTURED) }

// counter is one of the kernel's at this moment.
func (s *seen) counter(which bpf.SockioCounter) (sum uint64) {
	var perCPU []uint64
	if err := s.capture.programs.coll.Maps["counters"].Lookup(uint32(which), &perCPU); err != nil {
		s.t.Fatal(err)
	}
	for _, n := range perCPU {
		sum += n
	}
	return sum
}

// line is a line of the ledger, which is complete when the capture has ended.
func (s *seen) line(what string) uint64 {
	for _, r := range s.ledger.Rows() {
		if r.Stage == "sys" && r.What == what {
			return r.Count
		}
	}
	return 0
}

func (s *seen) lines() string {
	var b strings.Builder
	for _, r := range s.ledger.Rows() {
		fmt.Fprintf(&b, "%s %s %s: %d\n", r.Stage, r.Source, r.What, r.Count)
	}
	return b.String()
}

func at(p span.Point) func(*span.Span) bool {
	return func(s *span.Span) bool { return s.Point == p }
}

// eachVariant runs a test with each kind of hooks; all must pass.
func eachVariant(t *testing.T, test func(t *testing.T, v Variant)) {
	for _, v := range []Variant{TPBTF, Tracepoint} {
		t.Run(string(v), func(t *testing.T) {
			t.Parallel()
			test(t, v)
		})
	}
}

func headerGoid(r *http.Response) uint64 {
	id, _ := strconv.ParseUint(r.Header.Get("X-Goid"), 10, 64)
	return id
}

// waitsInRecvfrom reports whether a thread of the program waits in recvfrom.
func (p *program) waitsInRecvfrom() bool {
	tasks, _ := os.ReadDir(procPath(uint32(p.cmd.Process.Pid), "task"))
	for _, task := range tasks {
		line, _ := os.ReadFile(procPath(uint32(p.cmd.Process.Pid), "task/"+task.Name()+"/syscall"))
		if strings.HasPrefix(string(line), strconv.Itoa(unix.SYS_RECVFROM)+" ") {
			return true
		}
	}
	return false
}

// inTLS has a capture see what is said inside of TLS.
func inTLS(c *Config) { c.TLS.On = true }
