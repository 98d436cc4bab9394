package ingest

import (
	"errors"
	"slices"
	"testing"
	"time"
)

func TestRecordsOfPushes(t *testing.T) {
	t.Parallel()
	came := time.Unix(1800000000, 5)
	record, err := appendPush(nil, came, &pushed{PushRequest: push("a", 7, 1, 2)})
	if err != nil {
		t.Fatal(err)
	}
	req, at, err := readPush(record)
	if err != nil || !at.Equal(came) || req.GetAgent() != "a" || req.GetSequence() != 7 || req.GetBatch().GetRows() != 2 {
		t.Errorf("%v at %v, %v", req, at, err)
	}
	for _, bad := range [][]byte{nil, record[:8], append([]byte{9}, record[1:]...), append(slices.Clone(record[:9]), 0xff)} {
		if _, _, err := readPush(bad); !errors.Is(err, errRecord) {
			t.Errorf("%.20x: %v", bad, err)
		}
	}
}
