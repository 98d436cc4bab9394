package l7

import (
	"encoding/binary"
	"time"

	"github.com/throughline-io/throughline/agent/redact"
)

// MongoDB is MongoDB's wire protocol (github.com/mongodb/specifications, message/OP_MSG.md), which FerretDB and others
// speak too. A request is a command as a document; its answer names the request's id. One request may be answered
// several times, each answer naming the one before it, and some are not answered.
var MongoDB = Protocol{
	Name:       "MongoDB",
	Ports:      []uint16{27017, 27018, 27019},
	Detect:     detectMongo,
	Resume:     func(data []byte, missing int) Match { return resumeMongo(data, missing) },
	New:        func() Dialogue { return &mongoDialogue{} },
	Unanswered: true, // w: 0
	Patience:   Patience{Answer: 30 * time.Minute},
	Redact:     func(f *Fields) { f.StatusMessage = redact.RedisError(f.StatusMessage) },
}

const (
	mongoHead    = 16 // length, request id, the id it responds to, operation
	mongoLargest = 64 << 20
	mongoWanted  = 4 << 10 // of a message that is waited for

	mongoReply      = 1
	mongoQuery      = 2004
	mongoGetMore    = 2005
	mongoKill       = 2007
	mongoCompressed = 2012
	mongoMessage    = 2013

	mongoChecksum   = 1 << 0
	mongoMoreToCome = 1 << 1
	mongoExhaust    = 1 << 16
	mongoFlagsKnown = 0xfffe
)

// mongoFrame is a message's header.
type mongoFrame struct {
	size       int
	id, to     uint32
	operation  uint32
	flags      uint32
	body       []byte // behind the flags, as far as it was captured
	isFlagRead bool
}

// readMongoFrame reads a message's header; false: it is none.
func readMongoFrame(data []byte) (f mongoFrame, ok bool) {
	f.size = int(int32(binary.LittleEndian.Uint32(data)))
	f.id, f.to = binary.LittleEndian.Uint32(data[4:]), binary.LittleEndian.Uint32(data[8:])
	f.operation = binary.LittleEndian.Uint32(data[12:])
	if f.size < mongoHead+4 || f.size > mongoLargest {
		return f, false
	}
	switch f.operation {
	case mongoReply, mongoQuery, mongoGetMore, mongoKill, mongoCompressed, mongoMessage, 2001, 2002, 2006:
	default:
		return f, false
	}
	if len(data) >= mongoHead+4 {
		f.flags, f.isFlagRead = binary.LittleEndian.Uint32(data[mongoHead:]), true
		f.body = data[mongoHead+4 : min(len(data), f.size)]
		if f.operation == mongoMessage && f.flags&mongoFlagsKnown&^mongoMoreToCome != 0 {
			return f, false
		}
	}
	return f, true
}
