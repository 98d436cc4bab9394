package session_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/agent/session/sessiontest"
	"github.com/throughline-io/throughline/pkg/span"
)

// spoken are the names of all that sessions may be of.
func spoken() []string {
	names := []string{"gRPC", l7.WebSocket.Name} // that others turn to
	for _, p := range l7.All {
		names = append(names, p.Name)
	}
	return names
}

// named is the protocol of a session, as spoken has it.
func named(s *session.Session) string {
	switch {
	case s.L7.Protocol == l7.HTTP.Name && s.AtOnce:
		return l7.HTTP2.Name
	case slices.ContainsFunc(s.L7.Attributes, func(a span.Attribute) bool { return strings.HasPrefix(a.Key, "websocket.") }):
		return l7.WebSocket.Name
	}
	return s.L7.Protocol
}

// Whoever adds a protocol gives it what tests read: recorded conversations with their sessions, and one that is cut and disordered
// in every way, by which fuzzing and hostile lengths begin, too. (Every short prefix is agent/l7's TestEveryPrefix.)
func TestEveryProtocolIsHeard(t *testing.T) {
	t.Parallel()
	recorded, cut := map[string]int{}, map[string]int{}
	files, err := filepath.Glob("testdata/wire/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := sessiontest.Read(string(text))
		if err != nil {
			t.Fatal(file, err)
		}
		for name := range heardIn(saidIn(c)) {
			recorded[name]++
		}
	}
	for _, c := range conversations() {
		for name := range heardIn(cutWhole(c)) {
			cut[name]++
		}
	}
	for _, name := range spoken() {
		if recorded[name] == 0 {
			t.Errorf("%s: no conversation in testdata/wire has a session of it", name)
		}
		if cut[name] == 0 {
			t.Errorf("%s: none of conversations() has a session of it", name)
		}
	}
	t.Log("recorded", recorded, "cut in every way", cut)
}

func cutWhole(c conversation) []piece { return cut(c.turns, 1, 1, whole) }

func saidIn(c sessiontest.Conversation) (pieces []piece) {
	next := map[speaker]uint32{fromClient: 1, fromServer: 1}
	for i, said := range c.Said {
		s, from := said.Segment, speaker(said.Client)
		s.Seq, s.Enter, s.Exit = next[from], int64(1000*i), int64(1000*i+100)
		next[from] += uint32(s.Len)
		pieces = append(pieces, piece{from, s})
	}
	return pieces
}

func heardIn(pieces []piece) map[string]bool {
	heard := map[string]bool{}
	o := observe()
	o.feed(pieces...).conn.Close()
	for i := range o.full {
		heard[named(&o.full[i])] = true
	}
	return heard
}

// hostile are what lengths and numbers are overwritten with.
var hostile = []string{"\xff", "\xff\xff", "\xff\xff\xff\xff", "\x7f\xff\xff\xff", "\x00\xff\xff\xff", "9", "99999999", "\x80\x80\x80\x80\x80\x01", "\xfe\xff\xff\xff\xff\xff\xff\xff\x7f", "{", "$-1\r\n", "*1000000\r\n"}

// Whatever lengths are said, anywhere in messages, a connection keeps so much, and nothing breaks. It prints how much.
func TestHostileLengths(t *testing.T) {
	t.Parallel()
	const connections, messages, most = 30, 400, 2 << 20
	for _, c := range conversations() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			turns := slices.DeleteFunc(slices.Clone(c.turns), func(t turn) bool { return t.text == "" })
			kept := 0
			for seed := range uint64(connections) {
				r := rand.New(rand.NewPCG(seed, 11))
				o := observe()
				known := r.IntN(2 * len(turns)) // of the protocol, more or less
				talk := o.talk()
				for i := range messages {
					said := turns[i%len(turns)]
					data := []byte(said.text)
					if i >= known && r.IntN(4) == 0 {
						copy(data[r.IntN(min(len(data), 300)):], hostile[r.IntN(len(hostile))])
						if r.IntN(10) == 0 { // and much of it comes
							data = append(data, make([]byte, 60_000)...)
						}
					}
					talk(said.from, string(data))
					kept = max(kept, o.conn.Bytes())
				}
				if o.conn.Close(); o.conn.Kept() != 0 {
					t.Errorf("%d bytes are kept for nothing", o.conn.Kept())
				}
			}
			if kept > most {
				t.Errorf("%d bytes", kept)
			}
			t.Logf("%s: %d bytes at most, of %d connections of %d messages", c.name, kept, connections, messages)
		})
	}
}
