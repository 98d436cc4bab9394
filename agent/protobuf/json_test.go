package protobuf

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"
)

var example = Message{
	"text": {Number: 1}, "number": {Number: 2, Kind: Integer}, "yes": {Number: 3, Kind: Boolean}, "kind": {Number: 4, Kind: Enum, Names: []string{"NONE", "ONE"}},
	"id": {Number: 5, Kind: Hex}, "in": {Number: 6, Kind: Object, Of: Message{"text": {Number: 1}}}, "map": {Number: 7, Kind: Pairs}, "at": {Number: 8, Kind: Address},
}

// fields are a message's, in words.
func fields(t *testing.T, b []byte) (list []string) {
	t.Helper()
	for len(b) > 0 {
		f, rest, err := Next(b)
		if err != nil {
			t.Fatal(err)
		}
		text := string(f.Bytes)
		if f.Type == protowire.VarintType {
			text = strings.TrimSpace(strings.Repeat("I", int(f.Value)))
		} else if f.Number == 6 || f.Number == 7 {
			text = strings.Join(fields(t, f.Bytes), ",")
		}
		list = append(list, string(rune('0'+f.Number))+":"+text)
		b = rest
	}
	return list
}

func TestJSONBecomesProtobuf(t *testing.T) {
	t.Parallel()
	f := func(body string, list protowire.Number, want ...string) {
		t.Helper()
		var w Writer
		if err := example.WriteJSON(&w, []byte(body), list); err != nil {
			t.Errorf("%s: %v", body, err)
		} else if diff := cmp.Diff(want, fields(t, w.Data)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", body, diff)
		}
	}
	f(`{"text":"a","number":3,"yes":true,"kind":"ONE","id":"6162"}`, 0, "1:a", "2:III", "3:I", "4:I", "5:ab")
	f(`{"text":200,"number":"2","yes":"true","kind":1,"other":{"text":["x",{}]}}`, 0, "1:200", "2:II", "3:I", "4:I")
	f(`{"number":2e0,"yes":false,"kind":"NONE","text":null}`, 0, "2:II")
	f(`{"in":{"text":"a"},"map":{"k":"v","n":1}}`, 0, "6:1:a", "7:1:k,2:v", "7:1:n,2:1")
	f(`{"in":[{"text":"a"},{}],"text":["b","c"]}`, 0, "6:1:a", "6:", "1:b", "1:c")
	f(`{"at":"65.66.67.68","id":"a"}`, 0, "8:ABCD", "5:\n")
	f(`{"at":"nobody"}`, 0)
	f(`[{"text":"a"},null,{}]`, 6, "6:1:a", "6:")
	f(`{"text":"a"}`, 6, "6:1:a")
}

func TestJSONThatIsNoSuchMessage(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		``, `1`, `"a"`, `[]`, `[{}]`, `{`, `{"text":"a"`, `{"text":"a"}}`, `{} {}`, `{"text":{}}`, `{"number":"x"}`, `{"number":1e30}`, `{"id":"x"}`, `{"id":7}`, `{"in":1}`,
		`{"in":[[{}]]}`, `{"map":{"a":{}}}`, `{"kind":"THREE"}`, strings.Repeat(`{"in":`, 100), `{"x":` + strings.Repeat("[", 1_000_000),
	} {
		if err := example.WriteJSON(new(Writer), []byte(body), 0); err == nil {
			t.Errorf("%.40s is taken", body)
		}
	}
}

// Memory is asked for before more than a step of it is written.
func TestAWriterAsks(t *testing.T) {
	t.Parallel()
	full := errors.New("full")
	asked := 0
	w := Writer{Ask: func(n int) error {
		if asked += n; asked > 300_000 {
			return full
		}
		return nil
	}}
	body := `{"text":[` + strings.Repeat(`"0123456789",`, 100_000) + `""]}`
	if err := example.WriteJSON(&w, []byte(body), 0); !errors.Is(err, full) || len(w.Data) > 300_000 {
		t.Errorf("%v, %d bytes", err, len(w.Data))
	}
}
