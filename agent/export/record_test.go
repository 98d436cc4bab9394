package export

import (
	"bytes"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/pkg/wire"
)

// FuzzRecord: a record of the log is read as it was written, or refused.
func FuzzRecord(f *testing.F) {
	push := &wire.PushRequest{Agent: "a", Boot: 7, Sequence: 3}
	whole, err := appendRecord(nil, []Key{KeyOf([]byte("x"))}, push)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte{recordPush, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, record []byte) {
		keys, rest, err := parseRecord(record)
		if err != nil {
			return
		}
		var again wire.PushRequest
		if proto.Unmarshal(rest, &again) != nil {
			return
		}
		written, err := appendRecord(nil, keys, &again)
		if err != nil {
			t.Fatal(err)
		}
		keysAgain, _, err := parseRecord(written)
		if err != nil || len(keysAgain) != len(keys) {
			t.Fatalf("%d keys became %d: %v", len(keys), len(keysAgain), err)
		}
		for i := range keys {
			if !bytes.Equal(keys[i][:], keysAgain[i][:]) {
				t.Fatalf("key %d differs", i)
			}
		}
	})
}
