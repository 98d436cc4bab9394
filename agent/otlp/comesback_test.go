package otlp

import (
	"testing"
	"testing/synctest"
	"time"
)

// To look for a body costs a hash of it: nobody pays when all who could come back had their time.
func TestRequestsThatWereNotAnsweredAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var u unanswered
		u.keep([]byte("a"), new(passed))
		time.Sleep(comesBack / 2)
		u.keep([]byte("b"), new(passed))
		time.Sleep(comesBack)
		if u.find([]byte("a")) == nil || u.find([]byte("b")) == nil {
			t.Error("one that may come back is forgotten")
		}
		time.Sleep(time.Second)
		if u.find([]byte("b")) != nil || len(u.bodies) > 0 || u.some.Load() {
			t.Errorf("%d are kept for ever", len(u.bodies))
		}
	})
}
