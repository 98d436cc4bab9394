package sys

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/throughline-io/throughline/agent/tlslib"
	"github.com/throughline-io/throughline/agent/uprobe"
	"github.com/throughline-io/throughline/bpf"
)

// tlsProbes attaches programs to the TLS libraries that processes use, beside the reader: each file once, whoever uses it, for
// as long as anybody does.
type tlsProbes struct {
	programs *tlsPrograms // nil: TLS is not looked at
	warn     func(msg string, args ...any)
	asked    chan uint32   // processes to look at
	gone     chan uint32   // that ended
	found    chan tlsFound // what was found out
	end      chan struct{}
	once     sync.Once
	work     sync.WaitGroup

	latest map[tlslib.Library]*atomic.Int64 // when its probes were attached last, by the kernel's monotonic clock
	dear   *atomic.Uint64

	mu    sync.Mutex
	files map[exeKey]*probedFile
}

// tlsFound is what was found out about a process.
type tlsFound struct {
	pid     uint32
	probed  []string // the libraries that have probes
	refused error    // why there are none, or not all
}

// probedFile is a library or an executable that was looked through.
type probedFile struct {
	name    string
	library tlslib.Library
	dear    bool // the kernel cannot emulate the instructions that its probes stand on
	refused error
	probes  []*uprobe.Probe
	users   map[uint32]struct{}
	unused  time.Time // since when nobody uses it
}

const (
	// filesKept bounds the files that are remembered, with probes and without.
	filesKept = 4096
	// unusedKept is how long probes stay that nobody uses: who runs a program again and again has it probed from its start.
	unusedKept = 2 * time.Minute
)

func newTLSProbes(programs *tlsPrograms, dear *atomic.Uint64, warn func(string, ...any)) *tlsProbes {
	return &tlsProbes{programs: programs, dear: dear, warn: warn, asked: make(chan uint32, 1024), gone: make(chan uint32, 1024), found: make(chan tlsFound, 64), end: make(chan struct{}), files: map[exeKey]*probedFile{},
		latest: map[tlslib.Library]*atomic.Int64{tlslib.OpenSSL: {}, tlslib.GnuTLS: {}, tlslib.Go: {}}}
}

// Run works until Close.
func (t *tlsProbes) Run() {
	rarely := time.NewTicker(10 * time.Second)
	defer rarely.Stop()
	for {
		select {
		case pid := <-t.asked:
			select {
			case t.found <- t.look(pid):
			case <-t.end:
				return
			}
		case pid := <-t.gone:
			t.left(pid)
		case <-rarely.C:
			t.sweep()
		case <-t.end:
			return
		}
	}
}

// Since is when probes were attached to a library last, by the kernel's monotonic clock, in whatever file.
func (t *tlsProbes) Since(l bpf.TLSTlsLibrary) int64 {
	switch l {
	case bpf.TLSTlsLibraryLIBRARY_GNUTLS:
		return t.latest[tlslib.GnuTLS].Load()
	case bpf.TLSTlsLibraryLIBRARY_GO:
		return t.latest[tlslib.Go].Load()
	}
	return t.latest[tlslib.OpenSSL].Load()
}

// Look asks to look at a process; false: too many wait.
func (t *tlsProbes) Look(pid uint32) bool {
	select {
	case t.asked <- pid:
		return true
	default:
		return false
	}
}

// Gone says that a process ended, or runs another program. Where too many wait, a sweep finds it out.
func (t *tlsProbes) Gone(pid uint32) {
	select {
	case t.gone <- pid:
	default:
	}
}

// Close takes all probes away.
func (t *tlsProbes) Close() {
	t.once.Do(func() {
		close(t.end)
		t.work.Wait()
		t.mu.Lock()
		defer t.mu.Unlock()
		for key, f := range t.files {
			f.close()
			delete(t.files, key)
		}
	})
}

// look attaches what a process needs.
func (t *tlsProbes) look(pid uint32) tlsFound {
	found := tlsFound{pid: pid}
	files, err := tlsFiles(pid)
	if err != nil {
		found.refused = err
		return found
	}
	var refused []error
	for _, file := range files {
		f, err := t.probe(file)
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				refused = append(refused, fmt.Errorf("%s: %w", file.name, err))
			}
			continue
		}
		switch {
		case f.refused == nil:
			t.mu.Lock()
			f.users[pid], f.unused = struct{}{}, time.Time{}
			t.mu.Unlock()
			found.probed = append(found.probed, string(f.library)+" in "+f.name)
		case !errors.Is(f.refused, tlslib.ErrNone):
			refused = append(refused, fmt.Errorf("%s: %w", f.name, f.refused))
		}
	}
	if len(found.probed) == 0 && len(refused) == 0 {
		refused = []error{fmt.Errorf("%s: %w", files[0].name, tlslib.ErrNone)}
	}
	found.refused = errors.Join(refused...)
	return found
}

// errNoGoroutines: what a goroutine says inside of TLS is tied to its connection by the system calls that it makes meanwhile.
var errNoGoroutines = errors.New("crypto/tls takes Linux 5.15, from which on it is known which goroutine makes a system call")

// probe looks through a file, or remembers what was found there.
func (t *tlsProbes) probe(file mapped) (*probedFile, error) {
	open, err := os.Open(file.path)
	if err != nil {
		return nil, err
	}
	defer open.Close()
	info, err := open.Stat()
	if err != nil {
		return nil, err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.Mode().IsRegular() {
		return nil, errors.New("it is no file")
	}
	key := exeKey{uint64(st.Dev), st.Ino, info.ModTime().UnixNano()}
	t.mu.Lock()
	f := t.files[key]
	t.mu.Unlock()
	if f != nil {
		return f, nil
	}
	f = &probedFile{name: file.name, users: map[uint32]struct{}{}}
	var functions []tlslib.Function
	f.library, functions, f.refused = tlslib.Find(open)
	if f.refused == nil && f.library == tlslib.Go && !t.programs.goroutines {
		f.refused = errNoGoroutines
	}
	if f.refused == nil {
		if f.dear = tlslib.Dear(functions); f.dear {
			t.dear.Add(1)
		}
		f.refused = f.attach(fmt.Sprintf("/proc/self/fd/%d", open.Fd()), functions, t.programs)
		t.latest[f.library].Store(readTime(unix.CLOCK_MONOTONIC))
	}
	if f.refused != nil && !errors.Is(f.refused, tlslib.ErrNone) {
		t.warn("what is said inside of TLS by this file is not seen", "file", file.name, "library", string(f.library), "err", f.refused)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.files) >= filesKept {
		for key, old := range t.files {
			if len(old.users) == 0 {
				old.close()
				delete(t.files, key)
			}
		}
	}
	t.files[key] = f
	return f, nil
}

// attach attaches returns before entries, and what ends a connection before both.
func (f *probedFile) attach(path string, functions []tlslib.Function, programs *tlsPrograms) error {
	attach := func(role tlslib.Role, at uprobe.Where) error {
		p, err := uprobe.Attach(path, at, programs.coll.Programs[string(role)])
		if err != nil {
			f.close()
			return err
		}
		f.probes = append(f.probes, p)
		return nil
	}
	order := [][]tlslib.Role{
		{tlslib.Free},
		{tlslib.Return, tlslib.GoReturns, tlslib.GoCopies, tlslib.GoSent},
		{tlslib.Read, tlslib.Write, tlslib.RecordRecv, tlslib.RecordSend, tlslib.ReadEx, tlslib.WriteEx, tlslib.WriteEx2, tlslib.GoRead, tlslib.GoWrite, tlslib.GoSends},
	}
	for _, roles := range order {
		for _, fn := range functions {
			if !slices.Contains(roles, fn.Role) {
				continue
			}
			if err := attach(fn.Role, uprobe.Where{Offset: fn.Offset, Return: fn.AtReturn}); err != nil {
				return err
			}
		}
	}
	return nil
}

// close takes the probes away. The kernel waits for each one's last call, so they wait together.
func (f *probedFile) close() {
	var wg sync.WaitGroup
	for _, p := range f.probes {
		wg.Go(p.Close)
	}
	wg.Wait()
	f.probes = nil
}

func (t *tlsProbes) left(pid uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range t.files {
		delete(f.users, pid)
	}
}

// sweep takes away the probes that nobody has used for a while.
func (t *tlsProbes) sweep() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, f := range t.files {
		for pid := range f.users {
			if _, err := os.Stat(procPath(pid, "")); os.IsNotExist(err) {
				delete(f.users, pid)
			}
		}
		switch now := time.Now(); {
		case len(f.users) > 0:
			f.unused = time.Time{}
		case f.unused.IsZero():
			f.unused = now
		case now.Sub(f.unused) > unusedKept:
			f.close()
			delete(t.files, key)
		}
	}
}

// Attached names the libraries that have probes, by how many processes each is used, and whose calls are dear.
func (t *tlsProbes) Attached() (list []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range t.files {
		if f.refused != nil {
			continue
		}
		dear := ""
		if f.dear {
			dear = "; dear: no instruction of it is one that the kernel emulates"
		}
		list = append(list, fmt.Sprintf("%s in %s (%d processes%s)", f.library, f.name, len(f.users), dear))
	}
	slices.Sort(list)
	return list
}
