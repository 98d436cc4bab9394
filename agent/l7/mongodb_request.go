package l7

import (
	"bytes"
	"encoding/binary"

	"github.com/throughline-io/throughline/agent/tracecontext"
	"github.com/throughline-io/throughline/pkg/span"
)

// mongoDialogue is the framing state of a connection.
type mongoDialogue struct {
	begun  [2]bool // a frame of the client's, and of the server's
	left   [2]uint64
	more   [8]mongoStream
	next   int
	shapes mongoShapes
}

// mongoStream is an answer that another one follows, which names it.
type mongoStream struct {
	id  uint32
	key uint64
}

// Kept is about how many bytes of memory the dialogue keeps.
func (d *mongoDialogue) Kept() int { return d.shapes.kept() }

func (d *mongoDialogue) Reset(request bool) { d.begun[side(request)] = false }

func mongoKey(id uint32) uint64 { return uint64(id) + 1 }

// frame reads a message's header, and the rest of one whose header was read.
func (d *mongoDialogue) frame(side int, data []byte, missing int) (f mongoFrame, s Step, isHead bool) {
	if d.begun[side] {
		d.begun[side] = false
		return f, Step{State: End, Advance: d.left[side]}, false
	}
	if len(data) < mongoHead+4 {
		if missing > 0 || len(data) >= mongoHead && !mayBeMongo(data) {
			return f, Step{State: Bad}, false
		}
		return f, Step{State: More}, false
	}
	f, ok := readMongoFrame(data)
	switch {
	case !ok:
		return f, Step{State: Bad}, false
	case missing == 0 && len(data) < min(f.size, mongoWanted):
		return f, Step{State: More}, false
	}
	d.begun[side], d.left[side] = true, uint64(f.size-mongoHead)
	return f, Step{State: Head, Advance: mongoHead, Key: mongoKey(f.id)}, true
}

func (d *mongoDialogue) Request(data []byte, missing int, x Exchanges) Step {
	f, step, isHead := d.frame(0, data, missing)
	if !isHead {
		return step
	}
	if f.operation == mongoReply {
		d.begun[0] = false
		return Step{State: Bad}
	}
	var q mongoAsked
	q.read(&f)
	s := x.Begun()
	s.Protocol, s.Type = MongoDB.Name, q.command()
	shape := mongoShape{command: s.Type, database: textOf(q.database), collection: textOf(q.collection), waits: q.waits}
	d.shapes.show(&shape, s)
	s.takeContext(&q.context)
	switch f.operation {
	case mongoMessage:
		if f.flags&mongoMoreToCome != 0 {
			step.Role = OneWay
		}
	case mongoQuery, mongoGetMore, mongoCompressed:
	default:
		step.Role = OneWay
	}
	if mongoSilent[s.Type] {
		if step.Role = Silent; f.operation == mongoMessage && f.flags&mongoMoreToCome != 0 {
			step.Role = Dismissed
		}
	}
	return step
}

// mongoAsked is what a request says. Its slices point into the message.
type mongoAsked struct {
	name                 []byte
	database, collection []byte
	waits                bool
	context              tracecontext.Reader
	operation            uint32
}

// mongoSilent are the commands by which clients set up a connection, and watch it.
var mongoSilent = map[string]bool{"hello": true, "isMaster": true, "ismaster": true, "ping": true, "saslStart": true, "saslContinue": true, "authenticate": true, "getnonce": true, "logout": true, "endSessions": true}

// longestMongoCommand is longer than any command's name.
const longestMongoCommand = 48

func (q *mongoAsked) read(f *mongoFrame) {
	q.operation = f.operation
	switch f.operation {
	case mongoMessage:
		body := f.body
		if f.flags&mongoChecksum != 0 && len(body) >= 4 && len(body) == f.size-mongoHead-4 {
			body = body[:len(body)-4]
		}
		for len(body) > 0 {
			size, ok := mongoSection(body)
			if body[0] == 0 {
				q.document(body[1:])
			}
			if !ok || size > len(body) {
				return
			}
			body = body[size:]
		}
	case mongoQuery:
		name, rest, ok := bytes.Cut(f.body, []byte{0})
		if !ok || len(rest) < 8 {
			return
		}
		q.database, q.collection, _ = bytes.Cut(name, []byte("."))
		if string(q.collection) == "$cmd" {
			q.collection = nil
			database := q.database
			q.document(rest[8:])
			q.database = database
		}
	case mongoGetMore, 2001, 2002, 2006:
		if name, _, ok := bytes.Cut(f.body, []byte{0}); ok {
			q.database, q.collection, _ = bytes.Cut(name, []byte("."))
		}
	}
}

// mongoSection is how long a section is; false: it cannot be told.
func mongoSection(body []byte) (size int, ok bool) {
	if len(body) < 5 || body[0] > 1 {
		return 0, false
	}
	n := int(int32(binary.LittleEndian.Uint32(body[1:])))
	return 1 + n, n >= 4
}

// document reads a command. Its first element is its name, and mostly its collection.
func (q *mongoAsked) document(data []byte) {
	doc := bson{data: data}
	if !doc.document() {
		return
	}
	first := true
	for e, ok := doc.next(); ok; e, ok = doc.next() {
		switch {
		case first:
			if q.name = e.name; e.kind == bsonText {
				q.collection = e.value
			}
			first = false
		case string(e.name) == "$db" && e.kind == bsonText:
			q.database = e.value
		case string(e.name) == "collection" && e.kind == bsonText && string(q.name) == "getMore":
			q.collection = e.value
		case string(e.name) == "maxTimeMS" && string(q.name) == "getMore":
			q.waits = true
		case string(e.name) == "comment":
			q.comment(&e)
		}
	}
}

// comment looks for a trace context in what a client says of a command: as a text of its form, or as fields by name.
func (q *mongoAsked) comment(e *bsonElement) {
	switch e.kind {
	case bsonText:
		text := e.value
		if rest, ok := bytes.CutPrefix(text, []byte("traceparent=")); ok {
			text = bytes.Trim(rest, `'"`)
		}
		q.context.Value(text)
	case bsonDocument:
		doc := bson{data: e.value}
		if !doc.document() {
			return
		}
		for field, ok := doc.next(); ok; field, ok = doc.next() {
			if field.kind == bsonText {
				q.context.Field(field.name, field.value)
			}
		}
	}
}

// command is a request's kind: the name of its command, or of an operation of long ago.
func (q *mongoAsked) command() string {
	switch q.operation {
	case mongoCompressed:
		return "OP_COMPRESSED"
	case mongoGetMore:
		return "OP_GET_MORE"
	case mongoKill:
		return "OP_KILL_CURSORS"
	case 2001:
		return "OP_UPDATE"
	case 2002:
		return "OP_INSERT"
	case 2006:
		return "OP_DELETE"
	}
	if name := mongoCommandName(q.name); name != "" {
		return name
	}
	if q.operation == mongoQuery {
		return "OP_QUERY"
	}
	return "OP_MSG"
}

// mongoCommands are the names of commands that are asked for mostly.
var mongoCommands = func() map[string]string {
	names := map[string]string{}
	for _, name := range []string{"find", "insert", "update", "delete", "aggregate", "getMore", "count", "distinct", "findAndModify", "findandmodify", "bulkWrite", "killCursors", "createIndexes", "commitTransaction",
		"abortTransaction", "create", "drop", "listCollections", "listIndexes", "listDatabases", "dropDatabase", "hello", "isMaster", "ismaster", "ping", "buildInfo", "endSessions", "saslStart", "saslContinue", "explain", "serverStatus", "dbStats", "collStats"} {
		names[name] = name
	}
	return names
}()

func mongoCommandName(name []byte) string {
	if known := mongoCommands[string(name)]; known != "" {
		return known
	}
	if !isCommandName(name) || len(name) > longestMongoCommand {
		return ""
	}
	return string(name)
}

// mongoShape is what many requests of a connection have in common.
type mongoShape struct {
	command, database, collection string
	waits                         bool
}

type mongoShown struct {
	shape              mongoShape
	resource, endpoint string
	attributes         []span.Attribute
}

// mongoShapes are those that a connection had last.
type mongoShapes struct {
	list [8]mongoShown
	next int
}

// kept is about how many bytes of memory they take.
func (k *mongoShapes) kept() (n int) {
	for i := range k.list {
		n += len(k.list[i].resource) + len(k.list[i].endpoint) + len(k.list[i].attributes)*64
	}
	return n
}

// show says in a request what its shape is.
func (k *mongoShapes) show(s *mongoShape, f *Fields) {
	for i := range k.list {
		if shown := &k.list[i]; shown.shape == *s {
			f.Resource, f.Endpoint, f.Attributes = shown.resource, shown.endpoint, shown.attributes
			return
		}
	}
	shown := &k.list[k.next]
	k.next = (k.next + 1) % len(k.list)
	*shown = mongoShown{shape: *s, resource: s.database, endpoint: s.command}
	text := func(key, value string) {
		if value != "" {
			shown.attributes = append(shown.attributes, span.Attribute{Key: key, Value: value, Type: span.AttributeString})
		}
	}
	text("db.namespace", s.database)
	if s.collection != "" {
		shown.endpoint += " " + s.collection
		if shown.resource = s.collection; s.database != "" {
			shown.resource = s.database + "." + s.collection
		}
		text("db.collection.name", s.collection)
	}
	if s.waits {
		shown.attributes = append(shown.attributes, span.Attribute{Key: span.Blocking, Value: "true", Type: span.AttributeBool})
	}
	f.Resource, f.Endpoint, f.Attributes = shown.resource, shown.endpoint, shown.attributes
}
