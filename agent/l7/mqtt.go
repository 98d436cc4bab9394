package l7

import (
	"time"
)

// MQTT is MQTT 3.1, 3.1.1 and 5.0 (docs.oasis-open.org/mqtt). What a client publishes is a request, answered by the broker's
// acknowledgement where its quality of service asks for one; what the broker publishes to a subscriber is the broker's, by numbers
// of its own. The second round of exactly-once delivery is the end of the answer.
var MQTT = Protocol{
	Name:       "MQTT",
	Ports:      []uint16{1883},
	Firsts:     bytesOf(isMQTTFirst),
	Detect:     detectMQTT,
	Resume:     resumeMQTT,
	New:        func() Dialogue { return &mqttDialogue{} },
	Patience:   Patience{Answer: 10 * time.Minute},
	AtOnce:     true,
	Unanswered: true,
	MaxOpen:    1024,
}

// Keys of requests: a packet's identifier is its side's, whatever is asked with it.
const (
	mqttOfPacket = 1 << 16
	mqttOfNobody = 1 << 17
	mqttOfLogin  = mqttOfNobody + 1
	mqttOfPing   = mqttOfNobody + 2
)

// mqttDialogue is the state of a connection.
type mqttDialogue struct {
	asking, answering bool // the rest of a packet is passed

	version byte // 3, 4 or 5 as CONNECT says it; 0: it was not seen
	client  string
	shapes  mqttShapes
	aliases [2]mqttAliases // the client's, the server's
}

// Kept is about how many bytes of memory the dialogue keeps.
func (d *mqttDialogue) Kept() int {
	return len(d.client) + d.shapes.kept() + d.aliases[0].kept() + d.aliases[1].kept()
}

// Unasked reports whether a broker says it without being asked.
func (d *mqttDialogue) Unasked(data []byte) bool {
	return len(data) > 0 && data[0]>>4 == mqttPublish
}

func (d *mqttDialogue) Reset(request bool) {
	if request {
		d.asking = false
	} else {
		d.answering = false
	}
}

// Missed says that bytes of a side were not seen: what its aliases stand for is not known any more.
func (d *mqttDialogue) Missed(request bool) {
	d.Reset(request)
	d.aliasesOf(request).forget()
}

func (d *mqttDialogue) aliasesOf(request bool) *mqttAliases {
	if request {
		return &d.aliases[0]
	}
	return &d.aliases[1]
}

func (d *mqttDialogue) Request(data []byte, missing int, x Exchanges) Step {
	if d.asking {
		d.asking = false
		return Step{State: End}
	}
	p, s := readMQTT(data, missing)
	if s != Head {
		return Step{State: s}
	}
	step := Step{State: Head, Role: Aside, Key: mqttOfNobody, Advance: p.size}
	switch p.kind {
	case mqttConnect:
		d.connects(&p, x.Begun())
		step.Role, step.Key = Plain, mqttOfLogin
	case mqttPublish:
		d.publishes(&p, true, x.Begun(), &step)
	case mqttAcked, mqttReceived, mqttComplete:
		answersMQTT(&p, x.Pushed(p.key()), &step, Reversed)
	case mqttSubscribe, mqttUnsubscribe:
		d.subscribes(&p, x.Begun())
		step.Role, step.Key = Plain, p.key()
	case mqttPing:
		step.Role, step.Key = Silent, mqttOfPing
	case mqttDisconnect:
		d.leaves(&p, x.Begun(), &step)
	case mqttRelease, mqttAuth:
	default:
		return Step{State: Bad}
	}
	d.asking = true
	return step
}

func (d *mqttDialogue) Response(data []byte, missing int, x Exchanges) Step {
	if d.answering {
		d.answering = false
		return Step{State: End}
	}
	p, s := readMQTT(data, missing)
	if s != Head {
		return Step{State: s}
	}
	step := Step{State: Head, Role: Aside, Key: mqttOfNobody, Advance: p.size}
	switch p.kind {
	case mqttConnected:
		if f := x.Open(mqttOfLogin); f != nil {
			p.connected(d.version, f)
		}
		step.Role, step.Key = Plain, mqttOfLogin
	case mqttPublish:
		d.publishes(&p, false, x.Begun(), &step)
		step.Kind = Push
	case mqttAcked, mqttReceived, mqttComplete:
		answersMQTT(&p, x.Open(p.key()), &step, 0)
	case mqttSubscribed, mqttUnsubscribed:
		if f := x.Open(p.key()); f != nil {
			p.subscribed(f)
		}
		step.Role, step.Key = Plain, p.key()
	case mqttPong:
		step.Role, step.Key = Silent, mqttOfPing
	case mqttDisconnect:
		d.leaves(&p, x.Begun(), &step)
		step.Kind = Push
	case mqttRelease, mqttAuth:
	default:
		return Step{State: Bad}
	}
	d.answering = true
	return step
}

// answersMQTT is what an acknowledgement is to what was published: all of its answer, or a part. The first of two ends it where
// it refuses.
func answersMQTT(p *mqttPacket, f *Fields, step *Step, reversed Kind) {
	if f == nil {
		return // to what was not seen
	}
	reason := p.reason()
	step.Role, step.Key, step.Kind = Plain, p.key(), Whole|reversed
	switch {
	case p.kind == mqttReceived && reason < mqttFails:
		step.Kind = Begins | Headed | reversed
	case p.kind == mqttComplete:
		step.Kind = Data | Ends | reversed
	}
	p.outcome(f, reason, p.said(2))
}
