package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/wire"
)

// memory is a store that several servers write to.
type memory struct {
	mu      sync.Mutex
	groups  []store.AgentGroup
	configs []store.AgentConfig
	before  func() // called once, before the next version is written
	away    bool
}

var errAway = errors.New("the store is away")

func (m *memory) AgentGroups(context.Context) (all []store.AgentGroup, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, g := range m.groups {
		newer := slices.ContainsFunc(m.groups[i+1:], func(o store.AgentGroup) bool { return o.ID == g.ID })
		if !g.Deleted && !newer {
			all = append(all, g)
		}
	}
	return all, nil
}

func (m *memory) AgentConfigs(context.Context) (heads []store.AgentConfig, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	by := map[string]store.AgentConfig{}
	for _, c := range m.configs { // the first of those with one number counts
		if h, ok := by[c.Group]; !ok || c.Version > h.Version {
			by[c.Group] = c
		}
	}
	for _, h := range by {
		heads = append(heads, h)
	}
	return heads, nil
}

func (m *memory) AgentConfigAt(_ context.Context, group string, version uint64) (*store.AgentConfig, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.configs {
		if c.Group == group && c.Version == version {
			return &c, nil
		}
	}
	return nil, nil
}

func (m *memory) AgentConfigHistory(context.Context, string, int) ([]store.AgentConfig, error) {
	return nil, nil
}

func (m *memory) AgentGroupsStamp(context.Context) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away {
		return "", errAway
	}
	return fmt.Sprint(len(m.groups), len(m.configs)), nil
}

func (m *memory) PutAgentGroup(_ context.Context, g store.AgentGroup) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.groups = append(m.groups, g)
	return nil
}

func (m *memory) PutAgentConfig(_ context.Context, c store.AgentConfig) error {
	m.mu.Lock()
	before := m.before
	m.before = nil
	m.mu.Unlock()
	if before != nil {
		before()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.configs = append(m.configs, c)
	return nil
}

func running(t *testing.T, s Store) *Control {
	t.Helper()
	c := New(Config{Store: s, Every: time.Millisecond, MaxAgents: 3})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); c.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	until(t, c.isLoaded)
	return c
}

func until(t *testing.T, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain")
		}
	}
}

const one = "external_agent_http_proxy_enabled: 1\nexternal_agent_http_proxy_port: "

// What one server takes another one knows soon, and pushes.
func TestSeveralServersHaveOneConfiguration(t *testing.T) {
	t.Parallel()
	m := new(memory)
	a, b := running(t, m), running(t, m)
	agent := connect(t, b)
	agent.say(t, &wire.AgentState{Agent: "n1", Group: "default"})
	if c := agent.hear(t); c.GetGroup() != DefaultID || c.GetVersion() != 0 {
		t.Errorf("at first: %v", c)
	}
	if _, err := a.Put(t.Context(), "create", "default", one+"1", "ann", false); err != nil {
		t.Fatal(err)
	}
	if c := agent.hear(t); c.GetVersion() != 1 || !strings.Contains(c.GetYaml(), "port: 1") {
		t.Errorf("pushed: %v", c)
	}
}

// Two servers take a change at the same time: one is first, and the other says so.
func TestTheSecondOfTwoChangesIsRefused(t *testing.T) {
	t.Parallel()
	m := new(memory)
	a, b := running(t, m), running(t, m)
	m.before = func() {
		if _, err := b.Put(t.Context(), "create", "default", one+"2", "bob", false); err != nil {
			t.Error(err)
		}
	}
	_, err := a.Put(t.Context(), "create", "default", one+"1", "ann", false)
	if err == nil || !strings.Contains(err.Error(), "bob changed the configuration of the agent group default at the same time") {
		t.Errorf("%v", err)
	}
	c, err := a.Configuration(t.Context(), "default", 0)
	if err != nil || !strings.Contains(c.YAML, "port: 2") {
		t.Errorf("%v, %v", c, err)
	}
}

// A server that cannot read the store yet says so, and tells agents nothing: they keep what they have.
func TestBeforeTheStoreAnswersAgentsAreToldNothing(t *testing.T) {
	t.Parallel()
	m := &memory{away: true, configs: []store.AgentConfig{{Group: DefaultID, Version: 4, YAML: one + "4"}}}
	c := New(Config{Store: m, Every: time.Millisecond})
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/agent-groups", nil))
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	agent := connect(t, c)
	agent.say(t, &wire.AgentState{Agent: "n1", Group: "default", Applied: 4})
	until(t, func() bool { return len(c.Agents().Agents) == 1 })
	if got := c.configOf("n1"); got != nil {
		t.Errorf("%v", got)
	}
	m.mu.Lock()
	m.away = false
	m.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go c.Run(ctx)
	if got := agent.hear(t); got.GetVersion() != 4 {
		t.Errorf("%v", got)
	}
}

// Once the store answers, so do calls about agent groups, whether Run has come to it or not.
func TestWhenTheStoreAnswersCallsDo(t *testing.T) {
	t.Parallel()
	c := New(Config{Store: &memory{configs: []store.AgentConfig{{Group: DefaultID, Version: 4, YAML: one + "4"}}}})
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/agent-groups/default/config", nil))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "port: 4") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// An agent's newest call counts; the one before, of a connection that broke, is ended.
func TestAnAgentHasOneCall(t *testing.T) {
	t.Parallel()
	c := running(t, new(memory))
	first := connect(t, c)
	first.say(t, &wire.AgentState{Agent: "n1", Group: "default"})
	first.hear(t)
	second := connect(t, c)
	second.say(t, &wire.AgentState{Agent: "n1", Group: "default", Version: "2"})
	second.hear(t)
	if _, err := first.stream.Recv(); err == nil {
		t.Error("the first call goes on")
	}
	if all := c.Agents().Agents; len(all) != 1 || !all[0].Connected || all[0].Program != "2" {
		t.Errorf("%+v", all)
	}
}

// What agents say is bounded, and so is how many there are.
func TestWhatAgentsSayIsBounded(t *testing.T) {
	t.Parallel()
	c := running(t, new(memory))
	for name, s := range map[string]*wire.AgentState{"no name": {}, "a long one": {Agent: "n", Error: strings.Repeat("x", maxState)}} {
		a := connect(t, c)
		a.say(t, s)
		if _, err := a.stream.Recv(); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	var all []*following
	for i := range 3 {
		a := connect(t, c)
		a.say(t, &wire.AgentState{Agent: fmt.Sprint("n", i), Group: "default"})
		a.hear(t)
		all = append(all, a)
	}
	more := connect(t, c)
	more.say(t, &wire.AgentState{Agent: "n3", Group: "default"})
	if _, err := more.stream.Recv(); err == nil || !strings.Contains(err.Error(), "no more are taken") {
		t.Errorf("a fourth: %v", err)
	}
	all[0].close() // it makes room, for it is forgotten
	until(t, func() bool { return !c.Agents().Agents[0].Connected })
	again := connect(t, c)
	again.say(t, &wire.AgentState{Agent: "n3", Group: "default"})
	again.hear(t)
	// One that calls itself otherwise on the way is ended.
	again.say(t, &wire.AgentState{Agent: "n4", Group: "default"})
	if _, err := again.stream.Recv(); err == nil {
		t.Error("it changed its name")
	}
}

// following is an agent's end of a call.
type following struct {
	stream grpc.BidiStreamingClient[wire.AgentState, wire.GroupConfig]
	close  func()
}

func connect(t *testing.T, c *Control) *following {
	t.Helper()
	l := bufconn.Listen(1 << 16)
	g := grpc.NewServer()
	wire.RegisterControlServer(g, c)
	go g.Serve(l)
	conn, err := grpc.NewClient("passthrough:///x", grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) { return l.Dial() }))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	f := &following{close: sync.OnceFunc(func() { cancel(); conn.Close(); g.Stop() })}
	t.Cleanup(f.close)
	if f.stream, err = wire.NewControlClient(conn).Follow(ctx); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *following) say(t *testing.T, s *wire.AgentState) {
	t.Helper()
	if err := f.stream.Send(s); err != nil {
		t.Fatal(err)
	}
}

func (f *following) hear(t *testing.T) *wire.GroupConfig {
	t.Helper()
	c, err := f.stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	return c
}
