package session_test

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/session"
)

// FuzzSegmentation lets the fuzzer choose how a known conversation is cut, repeated and
// reordered: the sessions stay the same.
func FuzzSegmentation(f *testing.F) {
	all := conversations()
	wants := make([][]summary, len(all))
	for i, c := range all {
		wants[i] = reference(f, c, clientISN, serverISN)
		f.Add(uint8(i), uint64(i), []byte{1, 4, 200, 255, 3}, uint8(4), uint8(20))
	}
	f.Fuzz(func(t *testing.T, which uint8, seed uint64, sizes []byte, reorder, duplicate uint8) {
		i := int(which) % len(all)
		r := rand.New(rand.NewPCG(seed, 3))
		size := func(i int) int {
			if len(sizes) == 0 {
				return 0
			}
			return int(sizes[i%len(sizes)])*int(sizes[i%len(sizes)])/2 + 1
		}
		m := mangle{sizes: size, reorder: int(reorder % 8), duplicate: int(duplicate % 50)}
		o := observe()
		o.conn.Syn(true, clientISN-1)
		o.conn.Syn(false, serverISN-1)
		o.feed(m.apply(r, all[i])...)
		if diff := cmp.Diff(wants[i], o.sessions); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", all[i].name, diff)
		}
	})
}

// FuzzFeed feeds what no connection would carry: nothing panics, time is never negative,
// and a response never comes without its request.
func FuzzFeed(f *testing.F) {
	for _, c := range conversations() {
		var b []byte
		for i, p := range cut(c.turns[:min(len(c.turns), 12)], 100, 200, whole) {
			side := byte(0)
			if p.from == fromClient {
				side = 1
			}
			data := p.seg.Data[:min(len(p.seg.Data), 255)]
			b = append(b, side|byte(i%8)<<1, byte(len(data)), byte(p.seg.Len-len(data)))
			b = append(b, data...)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		open := 0
		c := session.NewConn(session.Options{
			Protocols: append(slices.Clone(l7.All), &multiplexed),
			Local:     client, Remote: server, Counters: faultless(new(ledger.Ledger)),
			OnRequest: func(s *session.Session) {
				open++
				if s.Request.Head.Exit == 0 || s.L7.Protocol == "" {
					t.Errorf("request without header: %+v", s)
				}
			},
			OnSession: func(s *session.Session) {
				open--
				if s.Request.LastExit < s.Request.FirstExit || s.Response.LastExit < s.Response.FirstExit || s.HasResponse && s.Response.FirstExit == 0 {
					t.Errorf("times run backwards: %+v", s)
				}
			},
		})
		next := [2]uint32{100, 200}
		for now := int64(1); len(b) >= 3; now++ {
			how, n, more := b[0], int(b[1]), int(b[2])
			b = b[3:]
			n = min(n, len(b))
			side := how & 1
			seq := next[side]
			switch how >> 1 & 7 {
			case 7:
				seq += uint32(how) // a gap
			case 6:
				seq -= uint32(how) // overlaps what was there
			case 5:
				if len(b) >= 4 {
					seq = binary.LittleEndian.Uint32(b) // anywhere
				}
			case 4:
				now += 3e8
				c.Sweep(now, now)
				switch how & 0x70 {
				case 0x10:
					c.Fin(side == 1, now)
				case 0x20:
					c.Reset(now)
				}
			case 3:
				c.Syn(side == 1, seq)
			}
			ack := next[1-side]
			if how&0x80 != 0 {
				ack += uint32(more) - 100 // somewhere near
			}
			c.Feed(side == 1, &session.Segment{Seq: seq, Ack: ack, Len: n + more, Data: b[:n], Enter: now, Exit: now})
			next[side] = seq + uint32(n+more)
			b = b[n:]
		}
		c.Close()
		if open != 0 || c.Kept() != 0 {
			t.Errorf("%d requests were never reported, %d bytes are kept", open, c.Kept())
		}
	})
}
