package session

import (
	"sync/atomic"
	"time"

	"github.com/throughline-io/throughline/agent/l7"
)

// Look is how connections are looked at. It may change: those that begin then are looked at anew, others
// go on as they began.
type Look struct {
	Protocols   l7.Protocols  // nil: all that are known
	OpenAfter   time.Duration // 0: 10 s
	KeepSecrets bool
}

// Looking holds the Look that is in force. The zero value is the zero Look.
type Looking struct{ now atomic.Pointer[Look] }

// Set puts another Look into force.
func (l *Looking) Set(look Look) { l.now.Store(&look) }

// Look is the one in force.
func (l *Looking) Look() Look {
	if now := l.now.Load(); now != nil {
		return *now
	}
	return Look{}
}
