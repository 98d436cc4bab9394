package span_test

import (
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// full is a span with every field set, each to another value.
func full(t *testing.T, n int) *span.Span {
	t.Helper()
	s := &span.Span{}
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		f, k := v.Field(i), uint64(n*1000+i+1)
		switch x := f.Addr().Interface().(type) {
		case *span.TraceID:
			x[15], x[0] = byte(k), 1
		case *span.SpanID:
			x[7], x[0] = byte(k), 1
		case *netip.Addr:
			*x = netip.AddrFrom4([4]byte{10, 0, byte(n), byte(i)})
		case *netip.AddrPort:
			*x = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(n), byte(i)}), uint16(k))
		case *[]span.Attribute:
			*x = []span.Attribute{{Key: "k", Value: strings.Repeat("v", n*200), Type: span.AttributeString}, {Key: "n", Value: "1", Type: span.AttributeInt}}
		default:
			switch f.Kind() {
			case reflect.String:
				f.SetString(v.Type().Field(i).Name + strings.Repeat("x", n))
			case reflect.Bool:
				f.SetBool(true)
			case reflect.Int32, reflect.Int64:
				f.SetInt(int64(k))
			case reflect.Uint8:
				f.SetUint(1)
			default:
				f.SetUint(k)
			}
		}
		if f.IsZero() {
			t.Fatalf("field %s was not set", v.Type().Field(i).Name)
		}
	}
	return s
}

func collect(b *span.Batch) []*span.Span { return slices.Collect(b.Spans()) }

// What is appended comes back, field for field.
func TestBatchKeepsEveryField(t *testing.T) {
	t.Parallel()
	want := []*span.Span{full(t, 1), {}, full(t, 2)}
	b := &span.Batch{}
	for _, s := range want {
		b.Append(s)
	}
	if err := b.Check(); err != nil {
		t.Fatal(err)
	}
	if got := collect(b); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// Each column has a name of its own, and Span and Batch know the same things.
func TestColumns(t *testing.T) {
	t.Parallel()
	b := &span.Batch{}
	b.Append(full(t, 1))
	seen := map[string]bool{}
	for _, c := range b.Columns() {
		if seen[c.Name] {
			t.Errorf("two columns are called %s", c.Name)
		}
		seen[c.Name] = true
		if c.Data.Len() != 1 {
			t.Errorf("column %s has %d rows after one Append", c.Name, c.Data.Len())
		}
	}
}

// Batches with string tables of their own become one.
func TestAppendBatchTranslatesStrings(t *testing.T) {
	t.Parallel()
	one, two := &span.Batch{}, &span.Batch{}
	one.Append(full(t, 1))
	two.Append(&span.Span{Service: "only here"})
	two.Append(full(t, 3))
	two.Edges = []span.Edge{{A: 1, B: 2}}
	two.OTelResources = []span.Resource{{ID: 7}}
	want := append(collect(one), collect(two)...)
	one.AppendBatch(two)
	if err := one.Check(); err != nil {
		t.Fatal(err)
	}
	if got := collect(one); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if len(one.Edges) != 1 || len(one.OTelResources) != 1 || two.Len() != 2 {
		t.Errorf("%d edges, %d resources, %d spans left in the source; want 1, 1, 2", len(one.Edges), len(one.OTelResources), two.Len())
	}
}

// A row that was begun is taken back whole.
func TestTruncateTakesBackHalfARow(t *testing.T) {
	t.Parallel()
	b := &span.Batch{}
	b.Append(full(t, 1))
	b.Append(full(t, 2))
	want := collect(b)
	b.ID.Add(99)
	b.Resource.AddString("begun")
	b.Attributes.AddPair(b.Strings.Ref("k"), []byte("v"), span.AttributeString)
	if err := b.Check(); err == nil {
		t.Error("Check found nothing wrong with half a row")
	}
	b.Truncate(2)
	if err := b.Check(); err != nil {
		t.Fatal(err)
	}
	if got := collect(b); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	b.Truncate(1)
	if got := collect(b); !reflect.DeepEqual(got, want[:1]) {
		t.Errorf("got  %+v\nwant %+v", got, want[:1])
	}
	b.Reset()
	if b.Len() != 0 || b.Strings.Len() != 1 {
		t.Errorf("%d rows and %d strings after Reset, want 0 and 1", b.Len(), b.Strings.Len())
	}
}

// Bytes from elsewhere that are not a column are refused and say where.
func TestTextRefusesCutBytes(t *testing.T) {
	t.Parallel()
	var whole, c span.Text
	for _, v := range []string{"", "a", strings.Repeat("b", 300)} {
		whole.AddString(v)
	}
	if err := c.SetBytes(whole.Data, 3); err != nil {
		t.Fatal(err)
	}
	for n := range whole.Data {
		if err := c.SetBytes(whole.Data[:n], 3); err == nil {
			t.Errorf("the first %d of %d bytes were taken for three rows", n, len(whole.Data))
		}
	}
	if err := c.SetBytes(append(slices.Clone(whole.Data), 0), 3); err == nil {
		t.Error("bytes after the last row were ignored")
	}
	var f span.Fixed[uint64]
	if err := f.SetBytes(make([]byte, 15)); err == nil {
		t.Error("15 bytes were taken for 8-byte values")
	}
}

// References beyond the string table, and rows that end before they begin, are found.
func TestCheckFindsBadReferences(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*span.Batch){
		"string":    func(b *span.Batch) { b.Service[0] = 1000 },
		"attribute": func(b *span.Batch) { b.Attributes.Keys[0] = 1000 },
		"row end":   func(b *span.Batch) { b.Attributes.Ends[0] = 9 },
	} {
		b := &span.Batch{}
		b.Append(full(t, 1))
		b.Append(full(t, 2))
		spoil(b)
		if err := b.Check(); err == nil {
			t.Errorf("%s: Check found nothing", name)
		}
	}
}

// A span without any text leaves the batch's table as it was made.
func TestABatchMayBeginWithASpanWithoutTexts(t *testing.T) {
	t.Parallel()
	b := new(span.Batch)
	b.Append(&span.Span{ID: 1})
	b.Append(&span.Span{ID: 2, Service: "shop"})
	if got := b.Strings.String(b.Service[0]) + "|" + b.Strings.String(b.Service[1]); got != "|shop" {
		t.Errorf("services %s", got)
	}
}
