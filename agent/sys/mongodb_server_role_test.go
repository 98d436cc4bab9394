package sys

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func init() { roles["mongodb-server"] = mongoServer }

// Of MongoDB's wire protocol (github.com/mongodb/specifications, message/OP_MSG.md).
const (
	mongoReply      = 1
	mongoQuery      = 2004
	mongoMessage    = 2013
	mongoMoreToCome = 1 << 1 // nobody answers
)

// mongoServer answers what drivers ask, as much as they need of a server: it says where it listens, and lasts until its
// standard input ends.
func mongoServer(in *bufio.Reader, out *json.Encoder) error {
	l, err := net.Listen("tcp", "127.0.0.1:27017") // the namespace is ours
	if err != nil {
		return err
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_ = answerMongo(c)
			}()
		}
	}()
	if err := out.Encode(l.Addr().String()); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return errors.Join(err, l.Close())
}

func answerMongo(c net.Conn) error {
	for id := uint32(1); ; id++ {
		head := make([]byte, 16)
		if _, err := io.ReadFull(c, head); err != nil {
			return err
		}
		size, asked, operation := binary.LittleEndian.Uint32(head), binary.LittleEndian.Uint32(head[4:]), binary.LittleEndian.Uint32(head[12:])
		if size < 26 || size > 1<<20 {
			return fmt.Errorf("a message of %d bytes", size)
		}
		body := make([]byte, size-16)
		if _, err := io.ReadFull(c, body); err != nil {
			return err
		}
		flags, document := binary.LittleEndian.Uint32(body), bson.Raw(body[5:]) // the first section is the command
		if operation == mongoQuery {
			document = bson.Raw(body[4+len("admin.$cmd\x00")+8:])
		}
		answer, err := bson.Marshal(mongoAnswer(document[:binary.LittleEndian.Uint32(document)]))
		if err != nil {
			return err
		}
		if operation == mongoMessage && flags&mongoMoreToCome != 0 {
			continue
		}
		front, kind := []byte{0, 0, 0, 0, 0}, uint32(mongoMessage)
		if operation == mongoQuery {
			front, kind = []byte{8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0}, mongoReply
		}
		said := binary.LittleEndian.AppendUint32(nil, uint32(16+len(front)+len(answer)))
		for _, n := range []uint32{id, asked, kind} {
			said = binary.LittleEndian.AppendUint32(said, n)
		}
		if _, err := c.Write(append(append(said, front...), answer...)); err != nil {
			return err
		}
	}
}

// mongoAnswer is the answer to a command: orders can be inserted and found, none of them be updated.
func mongoAnswer(command bson.Raw) bson.D {
	elements, err := command.Elements()
	if err != nil || len(elements) == 0 {
		return bson.D{{Key: "ok", Value: 0.0}, {Key: "code", Value: 9}, {Key: "errmsg", Value: "no command"}, {Key: "codeName", Value: "FailedToParse"}}
	}
	ok := bson.E{Key: "ok", Value: 1.0}
	switch name := elements[0].Key(); name {
	case "hello", "isMaster", "ismaster":
		return bson.D{{Key: "helloOk", Value: true}, {Key: "ismaster", Value: true}, {Key: "isWritablePrimary", Value: true}, {Key: "maxBsonObjectSize", Value: 1 << 24},
			{Key: "maxMessageSizeBytes", Value: 48000000}, {Key: "maxWriteBatchSize", Value: 100000}, {Key: "minWireVersion", Value: 0}, {Key: "maxWireVersion", Value: 21}, ok}
	case "ping", "endSessions":
		return bson.D{ok}
	case "insert":
		return bson.D{{Key: "n", Value: 1}, ok}
	case "find":
		return bson.D{{Key: "cursor", Value: bson.D{{Key: "firstBatch", Value: bson.A{bson.D{{Key: "_id", Value: 1}}}}, {Key: "id", Value: int64(0)}, {Key: "ns", Value: "shop.orders"}}}, ok}
	case "update":
		return bson.D{{Key: "n", Value: 0}, {Key: "nModified", Value: 0}, {Key: "writeErrors", Value: bson.A{bson.D{{Key: "index", Value: 0}, {Key: "code", Value: 11000}, {Key: "errmsg", Value: "E11000 duplicate key"}}}}, ok}
	default:
		return bson.D{{Key: "ok", Value: 0.0}, {Key: "errmsg", Value: "no such command: '" + name + "'"}, {Key: "code", Value: 59}, {Key: "codeName", Value: "CommandNotFound"}}
	}
}
