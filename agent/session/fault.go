package session

import (
	"runtime/debug"
	"sync"

	"github.com/throughline-io/throughline/agent/l7"
)

// contain, deferred, has a fault in reading one connection end that connection's reading, and no other's: what is read is made by
// whoever likes. It is counted, and Counters.Fault is told. A fault of the owner's, whose calls may hold its locks, goes on.
func (c *Conn) contain() {
	if c.telling {
		return
	}
	fault := recover()
	if fault == nil {
		return
	}
	name := ""
	if c.protocol != nil {
		name = c.protocol.Name
	}
	c.count.fault(name, fault)
	c.giveUpBroken()
	c.protocol, c.dialogue, c.attributes = nil, nil, nil
	c.pending, c.early, c.bytes, c.nobody, c.orphan = nil, nil, 0, nil, nil
	c.opaque = true
	c.out = direction{c: c, outgoing: true}
	c.in = direction{c: c}
}

// giveUpBroken reports the requests that are open, as far as that goes.
func (c *Conn) giveUpBroken() {
	defer func() {
		if !c.telling {
			_ = recover() // of the same fault, most likely
		}
	}()
	c.giveUpAll()
}

// toOwner calls one of the owner's functions.
func (c *Conn) toOwner(call func(*Session), s *Session) {
	c.telling = true
	call(s)
	c.telling = false
}

// contain is Conn.contain for a datagram: it is left out, and its protocol begins anew.
func (d *Datagrams) contain() {
	if d.telling {
		return
	}
	if fault := recover(); fault != nil {
		t := &d.talks[d.talk]
		d.count.fault(t.protocol.Name, fault)
		t.dialogue = t.protocol.New()
		if d.spare != nil {
			d.spare.L7 = l7.Fields{}
		}
	}
}

func (d *Datagrams) toOwner(call func(*Session), s *Session) {
	d.telling = true
	call(s)
	d.telling = false
}

func (c *Counters) fault(protocol string, fault any) {
	c.faults.Add(1)
	if c.Fault != nil {
		c.Fault(protocol, fault, debug.Stack())
	}
}

// LogFaults is a Counters.Fault that logs the first fault of each protocol, since who makes one can make many.
func LogFaults(log func(msg string, args ...any)) func(protocol string, fault any, stack []byte) {
	var said sync.Map
	return func(protocol string, fault any, stack []byte) {
		if _, before := said.LoadOrStore(protocol, true); !before {
			log("a connection could not be read, and is left alone. This is a fault of Throughline: please report it", "protocol", protocol, "fault", fault, "stack", string(stack))
		}
	}
}
