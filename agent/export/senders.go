package export

import "time"

// senders tells whether somebody is likely to send soon. Each push costs the agent and the server
// the same however few spans it has, so who waits for an answer shares one with others who come
// within Linger. But OTLP exporters send one request at a time: when all who were answered just now
// are here again, nobody is left to wait for.
type senders struct {
	waiting int         // for an answer
	away    []time.Time // when those who got one lately got it, oldest first
}

// maxAway bounds the memory; of more senders than that somebody always comes.
const maxAway = 10_000

// came notes a sender, who is one of some that wait for the same push. It reports whether no other
// is expected: none waits for an earlier push, and none was answered since.
func (s *senders) came(here int, since time.Time) (alone bool) {
	s.waiting++
	gone := 0
	for gone < len(s.away) && s.away[gone].Before(since) {
		gone++
	}
	if gone < len(s.away) {
		gone++ // who came is taken for the one who was answered first
	}
	s.away = s.away[gone:]
	return len(s.away) == 0 && s.waiting == here
}

// answered notes that some got their answer. Who got an error comes back when it likes to.
func (s *senders) answered(n int, err error, now time.Time) {
	s.waiting -= n
	for range n {
		if err == nil && len(s.away) < maxAway {
			s.away = append(s.away, now)
		}
	}
}
