package causality

import "testing"

// Goroutines are followed until a process has made many calls without one that another goroutine made for a
// request; and again, for good, from the first such call on.
func TestGoroutinesAreFollowedWhereOneWritesForAnother(t *testing.T) {
	t.Parallel()
	s := newScheduler()
	s.request(handler)
	own := func() { // it goes on with its request, and makes a call itself
		s.Claim(s.moment(handler, false))
		s.Claim(s.moment(handler, true))
	}
	for i := range followed/2 - 2 {
		if own(); !s.process.Follows() {
			t.Fatalf("not followed after %d calls", 2*i)
		}
	}
	own()
	if own(); s.process.Follows() {
		t.Errorf("followed after %d calls that tell nothing", followed)
	}
	if s.Claim(s.moment(writer, true)); !s.process.Follows() {
		t.Error("not followed although one goroutine writes for another")
	}
	for range followed {
		own()
	}
	if !s.process.Follows() {
		t.Error("not followed for good where it was wrong not to")
	}
}

// A goroutine that writes while no request is open writes for none.
func TestAClientAloneIsNotFollowed(t *testing.T) {
	t.Parallel()
	s := newScheduler()
	for range followed {
		s.Claim(s.moment(writer, true))
	}
	if s.process.Follows() {
		t.Error("followed, and there is no request that it could serve")
	}
}

// Who writes an answer of HTTP is not asked, and tells nothing of calls.
func TestAnswersAreNotWrittenForAnother(t *testing.T) {
	t.Parallel()
	s := newScheduler()
	s.request(handler)
	for range followed {
		m := s.moment(0, true)
		m.Slice = Slice{}
		s.Claim(m)
	}
	if s.process.Follows() {
		t.Error("followed for answers")
	}
}
