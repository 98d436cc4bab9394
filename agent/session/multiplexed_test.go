package session_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/pkg/span"
)

// multiplexed is a protocol for tests with all that the real ones have of HTTP/2, Kafka,
// AMQP, Redis: a frame is 0xa7, a letter, a key, a length and text. See multiplexedKinds.
var multiplexed = l7.Protocol{
	Name: "TEST", Detect: detectMultiplexed, MaxOpen: 1000,
	Resume:   func(data []byte, _ int) l7.Match { return detectMultiplexed(data) },
	New:      func() l7.Dialogue { return &multiplexedDialogue{} },
	Patience: l7.Patience{Answer: 10 * time.Second},
}

const multiplexedHead = 6

type frameKind struct {
	from l7.Match // MatchNone: both sides
	kind l7.Kind
	role l7.Role
}

var multiplexedKinds = map[byte]frameKind{
	'Q': {l7.MatchRequest, l7.Whole, l7.Plain},
	'q': {l7.MatchRequest, l7.Begins, l7.Plain}, // the header goes on in h
	'h': {l7.MatchRequest, l7.Headed, l7.Plain},
	'd': {l7.MatchRequest, l7.Data, l7.Plain},
	'e': {l7.MatchRequest, l7.Ends, l7.Plain},
	'O': {l7.MatchRequest, l7.Whole, l7.OneWay},
	'I': {l7.MatchRequest, l7.Whole, l7.Silent},
	'X': {l7.MatchRequest, l7.Whole, l7.Dismissed},
	'K': {l7.MatchRequest, l7.Whole | l7.Reversed, l7.Plain}, // the client answers p
	'A': {l7.MatchResponse, l7.Whole, l7.Plain},
	'U': {l7.MatchResponse, l7.Whole | l7.UpTo, l7.Plain},
	'a': {l7.MatchResponse, l7.Begins | l7.Headed, l7.Plain},
	'D': {l7.MatchResponse, l7.Data, l7.Plain},
	'E': {l7.MatchResponse, l7.Ends, l7.Plain},
	'P': {l7.MatchResponse, l7.Push, l7.OneWay},
	'p': {l7.MatchResponse, l7.Push, l7.Plain},
	'C': {l7.MatchNone, l7.Cancels, l7.Plain},
	'S': {l7.MatchNone, l7.Whole, l7.Aside},
}

func detectMultiplexed(data []byte) l7.Match {
	switch {
	case len(data) == 0:
		return l7.MatchMore
	case data[0] != 0xa7:
		return l7.MatchNone
	case len(data) < multiplexedHead:
		return l7.MatchMore
	}
	k, known := multiplexedKinds[data[1]]
	if !known {
		return l7.MatchNone
	}
	return k.from
}

type multiplexedDialogue struct {
	left [2]uint64
	head [2]bool
}

func (d *multiplexedDialogue) Request(data []byte, missing int, x l7.Exchanges) l7.Step {
	return d.frame(0, data, missing, x)
}

func (d *multiplexedDialogue) Response(data []byte, missing int, x l7.Exchanges) l7.Step {
	return d.frame(1, data, missing, x)
}

func (d *multiplexedDialogue) Reset(request bool) {
	if request {
		d.head[0] = false
	} else {
		d.head[1] = false
	}
}

func (d *multiplexedDialogue) frame(side int, data []byte, missing int, x l7.Exchanges) l7.Step {
	if d.head[side] {
		d.head[side] = false
		return l7.Step{State: l7.End, Advance: d.left[side]}
	}
	if len(data) < multiplexedHead {
		if missing > 0 || len(data) > 0 && data[0] != 0xa7 {
			return l7.Step{State: l7.Bad}
		}
		return l7.Step{State: l7.More}
	}
	k, known := multiplexedKinds[data[1]]
	if data[0] != 0xa7 || !known || k.from != l7.MatchNone && k.from != [...]l7.Match{l7.MatchRequest, l7.MatchResponse}[side] {
		return l7.Step{State: l7.Bad}
	}
	n := int(binary.BigEndian.Uint16(data[4:]))
	if want := multiplexedHead + min(n, 64); len(data) < want && missing == 0 {
		return l7.Step{State: l7.More}
	}
	text := string(data[multiplexedHead:min(len(data), multiplexedHead+n)])
	key := uint64(binary.BigEndian.Uint16(data[2:]))
	asks := (side == 0) != (k.kind&l7.Reversed != 0)
	var f *l7.Fields
	switch {
	case k.role == l7.Aside || k.kind&l7.Cancels != 0:
	case asks && k.kind&l7.Begins != 0:
		f = x.Begun()
		f.Protocol, f.Type, f.Resource = "TEST", data2type(data[1]), text
	case asks && k.kind&l7.Headed != 0:
		if f = x.Open(key); f != nil {
			f.Resource += text
		}
	case !asks && k.kind&l7.Ends != 0:
		if f = x.Open(key); side == 0 {
			f = x.Pushed(key)
		}
		if f != nil {
			f.Status, f.StatusMessage = span.StatusOK, text
		}
	}
	d.left[side], d.head[side] = uint64(n), true
	return l7.Step{State: l7.Head, Kind: k.kind, Role: k.role, Key: key, Advance: multiplexedHead}
}

func data2type(c byte) string { return strings.ToUpper(string(rune(c))) }

// frames are written "Q1 text, d1 more": a letter, a key, text.
func frames(list string) string {
	var b []byte
	for _, f := range strings.Split(list, ",") {
		f = strings.TrimSpace(f)
		head, text, _ := strings.Cut(f, " ")
		var key uint16
		fmt.Sscan(head[1:], &key)
		b = append(b, 0xa7, head[0])
		b = binary.BigEndian.AppendUint16(b, key)
		b = binary.BigEndian.AppendUint16(b, uint16(len(text)))
		b = append(b, text...)
	}
	return string(b)
}

func multiplexedTurns() []turn {
	long := strings.Repeat("l", 3000)
	return []turn{
		{fromClient, frames("Q1 one, Q2 two, S0, q3 th")}, {fromServer, frames("S0, A2 second")},
		{fromClient, frames("h3 ree, d3 " + long + ", Q4 four")}, {fromServer, frames("a1, a4, D1 " + long + ", D4 x")},
		{fromClient, frames("e3, O9 told, I5 ping, X6 bye")}, {fromServer, frames("E4 fourth, P7 news, A5, E1 first, p8 delivery")},
		{fromClient, frames("K8 ack, Q10 ten")}, {fromServer, frames("A3 third, C10 no")},
		{fromClient, frames("Q11 a, Q12 b, Q13 c, Q14 d, C14")}, {fromServer, frames("U13 all")},
	}
}

// One connection, many requests at once: any order of answers, cancelled ones, what the server
// says unasked, what nobody answers.
func TestManyRequestsAtOnce(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut(multiplexedTurns(), 1, 1, whole)...)
	var got []string
	for i, s := range o.full {
		text := fmt.Sprintf("%s %s: %q", o.sessions[i].Request[len("TEST "):], s.L7.Status, s.L7.StatusMessage)
		if s.End != session.Complete {
			text += fmt.Sprint(" end ", s.End)
		}
		if s.Pushed {
			text += " pushed by " + s.Client.String()
		}
		if !s.HasResponse {
			text += " no answer"
		}
		got = append(got, text)
	}
	want := []string{
		`Q two ok: "second"`,
		`O told unknown: "" no answer`,
		`Q four ok: "fourth"`,
		`P news unknown: "" pushed by ` + server.String() + ` no answer`,
		`Q one ok: "first"`,
		`P delivery ok: "ack" pushed by ` + server.String(),
		`Q three ok: "third"`,
		`Q ten reset: "" end 1 no answer`,
		`Q d reset: "" end 1 no answer`,
		`Q a unknown: ""`, `Q b unknown: ""`, `Q c ok: "all"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sessions (-want +got):\n%s\nledger %v", diff, o.ledger.Rows())
	}
	if got := strings.Join(o.requests, ";"); got != "Q one;Q two;Q three;Q four;O told;P news;P delivery;Q ten;Q a;Q b;Q c;Q d" {
		t.Errorf("requests in the order of their headers: %s", got)
	}
	one := o.full[slices.IndexFunc(o.full, func(s session.Session) bool { return s.L7.Resource == "one" })]
	if one.Request.Size != 9 || one.Response.Size != 6+3006+11 {
		t.Errorf("bytes of the request's and the answer's own frames: %d, %d", one.Request.Size, one.Response.Size)
	}
	o.conn.Close()
	if o.conn.Kept() != 0 {
		t.Errorf("%d bytes are kept for nothing", o.conn.Kept())
	}
}

// A stream that ends in its middle: what was asked and not answered is open until the end, and
// nothing is answered by another's answer.
func TestManyRequestsCutShort(t *testing.T) {
	t.Parallel()
	pieces := cut(multiplexedTurns(), 1, 1, func(int) int { return 7 })
	for n := range pieces {
		o := observe().feed(pieces[:n]...)
		o.conn.Fin(false, 1e9)
		o.conn.Close()
		if len(o.requests) != len(o.sessions) || o.conn.Kept() != 0 {
			t.Fatalf("%d pieces: %d requests, %d sessions, %d bytes kept", n, len(o.requests), len(o.sessions), o.conn.Kept())
		}
		for _, s := range o.full {
			if want := map[string]string{"one": "first", "two": "second", "three": "third", "four": "fourth"}[s.L7.Resource]; s.HasResponse && s.L7.StatusMessage != "" && want != "" && want != s.L7.StatusMessage {
				t.Fatalf("%d pieces: %q is answered by %q", n, s.L7.Resource, s.L7.StatusMessage)
			}
		}
	}
}

// Frames that were not captured cost the requests they are of, and no others.
func TestManyRequestsNotAllCaptured(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 7))
		m := mangle{sizes: sizesFrom(r), capture: 1 + r.IntN(2000)}
		o := observe()
		o.conn.Syn(true, clientISN-1)
		o.conn.Syn(false, serverISN-1)
		o.feed(m.apply(r, conversation{turns: multiplexedTurns()})...)
		o.conn.Close()
		answers := map[string]string{"one": "first", "two": "second", "three": "third", "four": "fourth", "delivery": "ack"}
		for _, s := range o.full {
			if want, known := answers[s.L7.Resource]; known && s.L7.StatusMessage != "" && !strings.HasPrefix(want, s.L7.StatusMessage) {
				t.Fatalf("seed %d: %q is answered by %q", seed, s.L7.Resource, s.L7.StatusMessage)
			}
		}
	}
}

// However many requests wait, a connection keeps so much, and says what it gave up.
func TestRequestsThatWaitAreBounded(t *testing.T) {
	t.Parallel()
	o := observe()
	seq := uint32(1)
	for i := range 5000 {
		text := frames(fmt.Sprintf("Q%d %s", i+1, strings.Repeat("t", 2000)))
		o.conn.Feed(true, &session.Segment{Seq: seq, Len: len(text), Data: []byte(text), Enter: 1, Exit: 1})
		seq += uint32(len(text))
		if kept := o.conn.Kept(); kept > 1<<20+1<<13 {
			t.Fatalf("%d bytes are kept after %d requests", kept, i+1)
		}
	}
	open := len(o.requests) - len(o.sessions)
	o.wantLine(t, "dropped: too many requests wait on a connection", uint64(5000-open))
	if open < 100 || open > 1000 {
		t.Errorf("%d requests wait", open)
	}
}
