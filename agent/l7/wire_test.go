package l7_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/agent/session/sessiontest"
)

// utterance is what one side of a connection said at a time.
type utterance struct {
	request bool
	text    string
}

// wire are the connections of real clients and servers of a protocol that package session has in its testdata.
func wire(t testing.TB, protocol string) map[string][]utterance {
	t.Helper()
	files, err := filepath.Glob("../session/testdata/wire/" + protocol + "-*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no connections of", protocol)
	}
	all := map[string][]utterance{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := sessiontest.Read(string(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, said := range c.Said {
			all[file] = append(all[file], utterance{said.Client, string(said.Segment.Data)})
		}
	}
	return all
}

// fromWire are the protocols whose messages the tests below take from there.
var fromWire = []string{"kafka", "amqp", "mongodb", "mqtt", "dubbo"}

// expects is what a request notes for its answer.
func (s utterance) expects(protocol string, before uint32) uint32 {
	if !s.request {
		return before
	}
	var f l7.Fields
	find(protocol).New().Request([]byte(s.text), 0, one{&f})
	return f.Expect
}

func find(name string) *l7.Protocol {
	for _, p := range l7.All {
		if strings.EqualFold(p.Name, name) {
			return p
		}
	}
	return nil
}

// The beginning of every message of real connections, however short it is cut off, is waited for or refused.
func TestEveryPrefixFromWire(t *testing.T) {
	t.Parallel()
	for _, protocol := range fromWire {
		p := find(protocol)
		for file, list := range wire(t, protocol) {
			expects := uint32(0)
			for _, s := range list {
				data := []byte(s.text)
				for n := range min(len(data), 700) {
					p.Detect(data[:n])
					for _, missing := range []int{0, 1, 100000} {
						p.Resume(data[:n], missing)
						if err := walkFields(p, s.request, &l7.Fields{Expect: expects}, data[:n], missing); err != nil {
							t.Fatalf("%s: %v", file, err)
						}
					}
				}
				expects = s.expects(protocol, expects)
			}
		}
	}
}

// Whatever a client of one of them says first, it is known as of that protocol; later messages may be of a form that both
// sides have, and are of no other's. What others say is none of it.
func TestDetectedFromWire(t *testing.T) {
	t.Parallel()
	for _, protocol := range fromWire {
		for file, list := range wire(t, protocol) {
			for i, s := range list {
				if !s.request || i > 0 && list[i-1].request {
					continue
				}
				if p, m := l7.All.Detect([]byte(s.text)); (p != nil || i == 0) && (p == nil || !strings.EqualFold(p.Name, protocol) || m != l7.MatchRequest && (i == 0 || m != l7.MatchEither)) {
					t.Errorf("%s: %v %d: %.80q", file, p, m, s.text)
				}
			}
		}
		p := find(protocol)
		for _, message := range corpus {
			if m := p.Detect([]byte(message)); m != l7.MatchNone && m != l7.MatchMore {
				t.Errorf("%s: %d: %q", protocol, m, message)
			}
		}
	}
}
