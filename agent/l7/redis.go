package l7

import (
	"strconv"
	"time"

	"github.com/throughline-io/throughline/agent/redact"
	"github.com/throughline-io/throughline/pkg/span"
)

// Redis is RESP2 and RESP3 (redis.io/docs/latest/develop/reference/protocol-spec), which Valkey, KeyDB and Dragonfly speak
// too. A request is a command, an array of texts or a line; a connection's commands are answered in their order,
// also while more of them are on the way.
var Redis = Protocol{
	Name:       "Redis",
	Ports:      []uint16{6379, 26379}, // 26379: Sentinel
	Detect:     detectRedis,
	Firsts:     bytesOf(func(c byte) bool { return c == '*' || c == '%' || c == '>' }),
	Resume:     resumeRedis,
	New:        func() Dialogue { return &redisDialogue{} },
	Unanswered: true,                        // behind CLIENT REPLY OFF
	Patience:   Patience{Answer: time.Hour}, // commands that wait for what somebody else does
	MaxOpen:    1024,                        // pipelines
	// A value is never kept, nor is a password. An error repeats what the server did not understand.
	Redact: func(f *Fields) { f.StatusMessage = redact.RedisError(f.StatusMessage) },
}

const (
	redisKey      = 1024    // bytes of a key that are kept
	redisMaxArgs  = 1 << 20 // of a command
	redisMaxBulk  = 1 << 32
	redisMaxLine  = 4096
	redisMaxParts = 1 << 40 // of an answer
)

// redisDialogue is the framing state of a connection.
type redisDialogue struct {
	request redisRequest
	answer  redisAnswer

	subscribed bool // arrays may be what nobody asked for
	quiet      bool // CLIENT REPLY OFF: nothing is answered
	skip       bool // CLIENT REPLY SKIP: the next command is not

	database []span.Attribute // db.namespace; nil: not known
}

// redisRequest is where in its command the client is.
type redisRequest struct {
	begun bool
	left  uint64 // arguments
	line  uint64 // bytes of an inline command
	lost  bool   // where the next argument begins was not captured
}

func (d *redisDialogue) Reset(request bool) {
	if request {
		d.request = redisRequest{}
	} else {
		d.answer = redisAnswer{}
	}
}

func (d *redisDialogue) Request(data []byte, missing int, x Exchanges) Step {
	r := &d.request
	if r.begun {
		return d.requestRest(data, missing)
	}
	var args redisArgs
	if s := args.read(data, missing); s != Head {
		return Step{State: s}
	}
	step := Step{State: Head, Advance: uint64(args.head)}
	*r = redisRequest{begun: true, left: uint64(args.total), line: uint64(args.line)}
	if args.line > 0 {
		r.left = 0
	}
	if args.total == 0 { // no command
		step.Role = Aside
		return step
	}
	c := commandOf(args.list[0])
	if args.wantsMore(c, data, missing) {
		d.request = redisRequest{}
		return Step{State: More}
	}
	f := x.Begun()
	step.Role = d.command(c, &args, f)
	if c.name == "PSYNC" || c.name == "SYNC" { // a replica, to which the server sends its commands
		return Step{State: Opaque, Role: Aside}
	}
	return step
}

// requestRest passes arguments.
func (d *redisDialogue) requestRest(data []byte, missing int) Step {
	r := &d.request
	switch {
	case r.lost:
		return Step{State: Open}
	case r.left == 0:
		n := r.line
		d.request = redisRequest{}
		return Step{State: End, Advance: n}
	}
	at := uint64(0)
	for r.left > 0 {
		if at >= uint64(len(data)) {
			if at == 0 {
				break
			}
			return Step{State: Body, Advance: at}
		}
		n, width, ok := redisNumber(data[at:], '$')
		switch {
		case !ok && width < 0, ok && (n < 0 || n > redisMaxBulk):
			r.lost = true
			return Step{State: Open}
		case !ok && at > 0:
			return Step{State: Body, Advance: at}
		case !ok && missing == 0:
			return Step{State: More}
		case !ok:
			r.lost = true
			return Step{State: Open}
		}
		r.left--
		at += uint64(width) + uint64(n) + 2
	}
	if r.left > 0 {
		if missing > 0 {
			r.lost = true
			return Step{State: Open}
		}
		return Step{State: More}
	}
	d.request = redisRequest{}
	return Step{State: End, Advance: at}
}

// command reads a command into f.
func (d *redisDialogue) command(c *redisCommand, args *redisArgs, f *Fields) Role {
	f.Protocol, f.Type, f.Attributes = Redis.Name, c.name, d.database
	if f.Type == "" { // of a module, or of tomorrow
		f.Type = upper(args.list[0])
	}
	f.Endpoint = f.Type
	sub := ""
	if c.flags&redisContainer != 0 && isCommandName(args.list[1]) {
		sub = upper(args.list[1])
		var room [2*longestCommand + 1]byte
		f.Endpoint = textOf(append(append(append(room[:0], f.Type...), ' '), sub...))
	}
	f.Resource = d.key(args.key(c))
	if c.flags&redisBlocks != 0 && (c.flags&redisIfBlock == 0 || args.has("BLOCK")) {
		f.attributes(span.Attribute{Key: span.Blocking, Value: "true", Type: span.AttributeBool})
	}
	switch c.name {
	case "SELECT":
		if index, err := strconv.ParseUint(string(args.list[1]), 10, 16); err == nil {
			d.database = []span.Attribute{{Key: "db.namespace", Value: strconv.FormatUint(index, 10), Type: span.AttributeString}}
		}
	case "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE":
		d.subscribed = true
	case "RESET":
		d.database, d.quiet, d.subscribed = nil, false, false
	case "CLIENT":
		if sub == "REPLY" && args.n > 2 && d.silences(args.list[2]) {
			return Dismissed
		}
	}
	silent := c.flags&redisSilent != 0 && (c.name != "CLIENT" || clientSetup[sub])
	quiet := d.quiet || d.skip
	d.skip = false
	switch {
	case quiet && silent:
		return Dismissed
	case quiet:
		return OneWay
	case silent:
		return Silent
	}
	return Plain
}

// silences reads what CLIENT REPLY asks for: that this command and others are not answered.
func (d *redisDialogue) silences(what []byte) bool {
	switch upper(what) {
	case "OFF":
		d.quiet = true
	case "SKIP":
		d.skip = true
	default:
		d.quiet = false
		return false
	}
	return true
}

// key is a key as text.
func (d *redisDialogue) key(key []byte) string { return textOf(key[:min(len(key), redisKey)]) }
