package session_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/session"
)

// Conversations that public reports of faults describe, each a file in testdata/wire: lines C
// (client) and S (server) are one call or packet each, "+N" bytes of it were not captured. "want"
// lines are the sessions in the order of their requests.
func TestCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/wire/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			runCase(t, string(text))
		})
	}
}

func runCase(t *testing.T, text string) {
	type answer struct {
		begun int64
		text  string
	}
	var answers []answer
	var l ledger.Ledger
	conn := session.NewConn(session.Options{
		Local: client, Remote: server, Counters: session.NewCounters(&l, "SYS"),
		OnSession: func(s *session.Session) { answers = append(answers, answer{s.Request.FirstEnter, caseLine(s)}) },
	})
	conn.Syn(true, 0)
	conn.Syn(false, 1)
	seq := map[byte]uint32{'C': 1, 'S': 2}
	var want []string
	now := int64(0)
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if w, ok := strings.CutPrefix(line, "want "); ok {
			want = append(want, w)
			continue
		}
		if line == "" || line[0] == '#' {
			continue
		}
		now += 1_000_000
		s := caseSegment(t, line[2:])
		s.Seq, s.Enter, s.Exit = seq[line[0]], now-1000, now
		seq[line[0]] += uint32(s.Len)
		conn.Feed(line[0] == 'C', &s)
	}
	conn.Close()
	slices.SortStableFunc(answers, func(a, b answer) int { return int(a.begun - b.begun) })
	var got []string
	for _, a := range answers {
		got = append(got, a.text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sessions (-want +got):\n%s\nledger %v", diff, l.Rows())
	}
}

// caseSegment reads what follows a line's first letter: "bytes" [+N].
func caseSegment(t *testing.T, line string) (s session.Segment) {
	quoted := func() []byte {
		q, err := strconv.QuotedPrefix(line)
		if err != nil {
			t.Fatalf("%.80s: %v", line, err)
		}
		line = strings.TrimSpace(line[len(q):])
		v, err := strconv.Unquote(q)
		if err != nil {
			t.Fatal(err)
		}
		return []byte(v)
	}
	s.Data = quoted()
	s.Len = len(s.Data)
	if more, ok := strings.CutPrefix(line, "+"); ok {
		n, err := strconv.Atoi(more)
		if err != nil {
			t.Fatal(err)
		}
		s.Len += n
	}
	return s
}

func caseLine(s *session.Session) string {
	code := "-1"
	if s.HasResponse {
		code = fmt.Sprint(s.L7.Code)
	}
	text := s.L7.Type + " " + s.L7.Resource
	if s.L7.Protocol == "Redis" {
		text = s.L7.Endpoint + " " + s.L7.Resource + " |"
	}
	if s.L7.Protocol == "MySQL" || s.L7.Protocol == "PostgreSQL" {
		text += " |"
	}
	text += " " + code
	if s.HasResponse {
		text += " " + s.L7.Status.String()
	}
	if !s.L7.TraceID.IsZero() {
		text += " trace=" + s.L7.TraceID.String()
	}
	for _, a := range s.L7.Attributes {
		text += " " + a.Key + "=" + a.Value
	}
	return text
}
