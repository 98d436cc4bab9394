package ingest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/pkg/wire"
)

// recordPush begins a record of the log: then come 8 bytes of Unix ns, when the push came, and
// the push as it came. Another kind of record is for another byte.
const recordPush = 1

// appendPush appends the record of a push.
func appendPush(dst []byte, came time.Time, req *pushed) ([]byte, error) {
	dst = append(dst, recordPush)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(came.UnixNano()))
	if req.buffer != nil {
		return append(dst, req.buffer.ReadOnlyData()...), nil
	}
	return proto.MarshalOptions{}.MarshalAppend(dst, req.PushRequest)
}

var errRecord = errors.New("not a record of this log")

// readPush reads a record's push and when it came. The push refers to the record.
func readPush(record []byte) (req *wire.PushRequest, came time.Time, err error) {
	if len(record) < 9 || record[0] != recordPush {
		return nil, came, errRecord
	}
	came = time.Unix(0, int64(binary.LittleEndian.Uint64(record[1:])))
	req = new(wire.PushRequest)
	if err := wire.UnmarshalShared(record[9:], req); err != nil {
		return nil, came, fmt.Errorf("%w: %w", errRecord, err)
	}
	return req, came, nil
}
