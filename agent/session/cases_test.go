package session_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/agent/session/sessiontest"
	"github.com/throughline-io/throughline/pkg/span"
)

// Conversations that public reports of faults describe, and of real clients, each a file in testdata/wire. The bench
// says what each protocol's cost.
func TestCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/wire/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			if !strings.Contains(file, "kafka-java-metadata") { // which says the others what the topic's id stands for
				t.Parallel()
			}
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
		Local: client, Remote: server, Counters: faultless(&l),
		OnSession: func(s *session.Session) { answers = append(answers, answer{s.Request.FirstEnter, caseLine(s)}) },
	})
	conn.Syn(true, 0)
	conn.Syn(false, 1)
	seq := map[byte]uint32{'C': 1, 'S': 2}
	conversation, err := sessiontest.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	now := int64(0)
	for _, said := range conversation.Said {
		now += 1_000_000
		s, side := said.Segment, byte('S')
		if said.Client {
			side = 'C'
		}
		s.Seq, s.Enter, s.Exit = seq[side], now-1000, now
		seq[side] += uint32(s.Len)
		conn.Feed(said.Client, &s)
	}
	conn.Close()
	slices.SortStableFunc(answers, func(a, b answer) int { return int(a.begun - b.begun) })
	var got []string
	for _, a := range answers {
		got = append(got, a.text)
	}
	if diff := cmp.Diff(conversation.Want, got); diff != "" {
		t.Errorf("sessions (-want +got):\n%s\nledger %v", diff, l.Rows())
	}
}

func caseLine(s *session.Session) string {
	code := "-1"
	if s.HasResponse {
		code = fmt.Sprint(s.L7.Code)
	}
	text := s.L7.Type + " " + s.L7.Resource
	switch s.L7.Protocol {
	case "Redis", "Kafka", "AMQP", "MongoDB", "MQTT":
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
	if links, _ := span.ReadLinks(s.L7.Links); len(links) > 0 {
		text += fmt.Sprintf(" links=%d", len(links))
	}
	for _, a := range s.L7.Attributes {
		text += " " + a.Key + "=" + a.Value
	}
	return text
}
