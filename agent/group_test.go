package agent_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/throughline-io/throughline/agent"
	"github.com/throughline-io/throughline/pkg/wire"
)

// groups is a Control that says what a test wants, and remembers what the agent said last.
type groups struct {
	wire.UnimplementedControlServer
	say    chan *wire.GroupConfig
	states chan *wire.AgentState
}

func (g *groups) Follow(stream grpc.BidiStreamingServer[wire.AgentState, wire.GroupConfig]) error {
	go func() {
		for {
			s, err := stream.Recv()
			if err != nil {
				return
			}
			select {
			case <-g.states: // only the last one counts
			default:
			}
			g.states <- s
		}
	}()
	for {
		select {
		case c := <-g.say:
			if err := stream.Send(c); err != nil {
				return err
			}
		case <-stream.Context().Done():
			return nil
		}
	}
}

func newGroups() *groups {
	return &groups{say: make(chan *wire.GroupConfig), states: make(chan *wire.AgentState, 1)}
}

// push pushes a version and returns what the agent says when it has looked at it.
func (g *groups) push(t *testing.T, version uint64, yaml string) *wire.AgentState {
	t.Helper()
	g.say <- &wire.GroupConfig{Group: "g-default", Name: "default", Version: version, Yaml: yaml}
	return g.await(t, func(s *wire.AgentState) bool { return s.GetOffered() == version })
}

func (g *groups) await(t *testing.T, is func(*wire.AgentState) bool) (s *wire.AgentState) {
	t.Helper()
	eventually(t, "the agent says so", func() bool {
		select {
		case s = <-g.states:
			return is(s)
		default:
			return false
		}
	})
	return s
}

// following is an agent with one receiver, native OTLP, that follows a group.
func following(t *testing.T, g *groups, native string, change func(*agent.Config)) *running {
	t.Helper()
	s := newServerWith(t, func(r grpc.ServiceRegistrar) { wire.RegisterControlServer(r, g) })
	return run(t, s, func(c *agent.Config) {
		c.OTLPHTTP, c.OTLPGRPC, c.OTLPNative, c.Control = "", "", native, true
		if change != nil {
			change(c)
		}
	})
}

func flat(enabled int, address string) string {
	_, port, _ := net.SplitHostPort(address)
	return fmt.Sprintf("external_agent_http_proxy_enabled: %d\nexternal_agent_http_proxy_port: %s\n", enabled, port)
}

// The receiver moves while all the while somebody sends to the one address and then to the other: no
// connection is refused or reset, and no request stays unanswered.
func TestAReceiverMovesWithoutALostRequest(t *testing.T) {
	t.Parallel()
	g, here, there := newGroups(), freeAddress(t), freeAddress(t)
	following(t, g, here, nil)
	before := startSenders(here, 4)
	before.more(t, 20)
	version := uint64(0)
	move := func(to string) {
		version++
		s := g.push(t, version, flat(1, to))
		if r := s.GetReceivers()[2]; s.GetApplied() != version || s.GetError() != "" || r.GetConfigured() != to || r.GetListening() != to {
			t.Fatalf("version %d for %s: %v", version, to, s)
		}
	}
	move(there)
	after := startSenders(there, 4)
	before.more(t, 20) // the old address still answers
	after.more(t, 20)
	move(here) // and back, before those who send there have gone
	before.more(t, 20)
	after.more(t, 20)
	move(there)
	before.end(t)
	after.more(t, 20)
	after.end(t)
}

// What cannot be put into force is said, and what was stays: all of it.
func TestAConfigurationThatCannotBeAppliedChangesNothing(t *testing.T) {
	t.Parallel()
	g, here, free := newGroups(), freeAddress(t), freeAddress(t)
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	following(t, g, here, nil)
	if s := g.push(t, 1, flat(1, here)); s.GetApplied() != 1 {
		t.Fatalf("%v", s)
	}
	// One address is free and one is not: neither is taken.
	s := g.push(t, 2, flat(1, busy.Addr().String())+"agent:\n  otlp-http: "+free+"\n")
	if s.GetApplied() != 1 || !strings.Contains(s.GetError(), "address already in use") || s.GetReceivers()[2].GetListening() != here || s.GetReceivers()[0].GetListening() != "" {
		t.Errorf("a port that is taken: %v", s)
	}
	post(t, here, "/api/v1/otel/trace")
	if c, err := net.Dial("tcp", free); err == nil {
		c.Close()
		t.Error("half of the configuration is in force")
	}
	if s := g.push(t, 3, "external_agent_http_proxy_enabled: 7\n"); s.GetApplied() != 1 || !strings.Contains(s.GetError(), "want 0 or 1") {
		t.Errorf("what is no configuration: %v", s)
	}
	if s := g.push(t, 4, flat(1, here)+"agent: {otlp-http: '"+free+"', otlp-memory: 64, log-size: 7, otlp-from: [all]}\n"); s.GetApplied() != 4 || s.GetError() != "" || strings.Join(s.GetNotes(), " ") != "log-size: 7" {
		t.Errorf("what waits for the next start: %v", s)
	}
}

// 0 closes the port, at once but for who is being answered.
func TestAReceiverIsClosed(t *testing.T) {
	t.Parallel()
	g, here := newGroups(), freeAddress(t)
	following(t, g, here, nil)
	post(t, here, "/api/v1/otel/trace")
	g.push(t, 1, flat(0, here))
	s := g.await(t, func(s *wire.AgentState) bool { return s.GetReceivers()[2].GetLeaving() == "" })
	if r := s.GetReceivers()[2]; r.GetConfigured() != "" || r.GetListening() != "" {
		t.Errorf("%v", s)
	}
	if c, err := net.Dial("tcp", here); err == nil {
		c.Close()
		t.Error("the port is open")
	}
	if s := g.push(t, 2, flat(1, here)); s.GetReceivers()[2].GetListening() != onAll(here) {
		t.Errorf("opened again: %v", s)
	}
}

// onAll is where an agent listens that was told a port and has no host of its own.
func onAll(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return "127.0.0.1:" + port
}

// With the server away an agent starts by what was in force last; without a state directory, or in another
// group, by its own settings.
func TestAnAgentStartsByTheLastConfiguration(t *testing.T) {
	t.Parallel()
	g, here, there, dir := newGroups(), freeAddress(t), freeAddress(t), t.TempDir()
	first := following(t, g, here, func(c *agent.Config) { c.StateDir = dir })
	if s := g.push(t, 5, flat(1, there)); s.GetApplied() != 5 {
		t.Fatalf("%v", s)
	}
	first.end()
	again := newGroups() // says nothing
	second := following(t, again, here, func(c *agent.Config) { c.StateDir = dir })
	if got := second.stats.OTLP; len(got) != 1 || got[0] != there {
		t.Errorf("it listens on %v, want %s", got, there)
	}
	if s := again.await(t, func(*wire.AgentState) bool { return true }); s.GetApplied() != 5 || s.GetAppliedGroup() != "g-default" {
		t.Errorf("%v", s)
	}
	// The group has no configuration any more: its own settings are in force again.
	again.say <- &wire.GroupConfig{Group: "g-default", Name: "default"}
	if s := again.await(t, func(s *wire.AgentState) bool { return s.GetApplied() == 0 }); s.GetReceivers()[2].GetListening() != here {
		t.Errorf("%v", s)
	}
	second.end()
	other := following(t, newGroups(), here, func(c *agent.Config) { c.StateDir, c.Group = dir, "edge" })
	if got := other.stats.OTLP; len(got) != 1 || got[0] != here {
		t.Errorf("in another group it listens on %v, want %s", got, here)
	}
}

// Receivers exchange their addresses without closing one.
func TestReceiversExchangeTheirAddresses(t *testing.T) {
	t.Parallel()
	g, a, b := newGroups(), freeAddress(t), freeAddress(t)
	following(t, g, a, func(c *agent.Config) { c.OTLPHTTP = b })
	load := startSenders(a, 2)
	load.more(t, 5)
	s := g.push(t, 1, "agent: {otlp-http: '"+a+"', otlp-native: '"+b+"'}\n")
	if s.GetApplied() != 1 || s.GetReceivers()[0].GetListening() != a || s.GetReceivers()[2].GetListening() != b || s.GetReceivers()[0].GetLeaving() != "" {
		t.Errorf("%v", s)
	}
	load.more(t, 5)
	load.end(t)
}

// A port that closes while many connect resets nobody: who is connected is answered, and who is not is
// refused before he has sent anything.
func TestAClosedPortAnswersWhoIsConnected(t *testing.T) {
	t.Parallel()
	g, here := newGroups(), freeAddress(t)
	following(t, g, here, nil)
	var answered, refused atomic.Int64
	var lost sync.Map
	stop := make(chan struct{})
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				c, err := net.Dial("tcp", here)
				if err != nil {
					refused.Add(1)
					time.Sleep(time.Millisecond)
					continue
				}
				if err := postOver(c, here); err != nil {
					lost.Store(err.Error(), true)
				}
				answered.Add(1)
			}
		})
	}
	eventually(t, "requests are answered", func() bool { return answered.Load() > 100 })
	g.push(t, 1, flat(0, here))
	eventually(t, "the port is closed", func() bool { return refused.Load() > 100 })
	close(stop)
	all.Wait()
	lost.Range(func(why, _ any) bool {
		t.Errorf("of those who were connected: %v", why)
		return true
	})
}

// postOver sends a request over a connection and reads its answer.
func postOver(c net.Conn, host string) error {
	defer c.Close()
	_, err := fmt.Fprintf(c, "POST /v1/traces HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", host, len(oneSpan), oneSpan)
	if err != nil {
		return err
	}
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return errors.New(answer.Status)
	}
	return nil
}
