package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/throughline-io/throughline/pkg/span"
)

const (
	// maxValuesOfKey is from how many values on a key has too many to choose from.
	maxValuesOfKey = 1_000
	maxValueBytes  = 256
	// maxFreshValues bounds how many one insert can bring; others come with a later one.
	maxFreshValues = 20_000
	// valuesEvery is how often values are sent.
	valuesEvery = 30 * time.Second
)

// keptValues notes which values the store was sent lately. It is safe for concurrent use.
type keptValues struct {
	sent seen
	// met are the values met last, by their ids: most spans bring nothing else.
	met [1 << 14]atomic.Uint64
	// of is how many values each key has.
	of countsByKey

	mu      sync.Mutex
	waiting map[uint64]keptValue
	last    time.Time // when values were sent
}

// due are the values to send now, with those of an insert: an insert of a few values costs the
// store as much as one of many.
func (k *keptValues) due(f *freshValues) map[uint64]keptValue {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.waiting == nil {
		k.waiting = map[uint64]keptValue{}
	}
	maps.Copy(k.waiting, f.values)
	if len(k.waiting) == 0 || f.now.Sub(k.last) < valuesEvery && len(k.waiting) < maxFreshValues {
		return nil
	}
	due := k.waiting
	k.waiting, k.last = nil, f.now
	return due
}

func (k *keptValues) forget() {
	for i := range k.met {
		k.met[i].Store(0)
	}
	k.of.forget()
	k.sent.forget()
}

// keptValue is a value to choose; "" says that its key has too many.
type keptValue struct {
	placedKey
	value string
}

// freshValues are the values of an insert that were not sent lately, by their ids.
type freshValues struct {
	kept   *keptValues
	now    time.Time
	values map[uint64]keptValue
	of     map[placedKey]int
}

// add reports whether the key may have more.
func (f *freshValues) add(key placedKey, keyID uint64, value []byte) bool {
	if len(value) == 0 || len(value) > maxValueBytes {
		return true
	}
	id := xxhash.Sum64(value)*31 ^ keyID
	met := &f.kept.met[id%uint64(len(f.kept.met))]
	if met.Load() == id {
		return true
	}
	if _, ok := f.values[id]; ok {
		return true
	}
	if f.kept.sent.has(id, f.now) {
		met.Store(id)
		return true
	}
	if len(f.values) >= maxFreshValues {
		return false
	}
	if f.kept.of.get(key)+f.of[key] >= maxValuesOfKey {
		if f.kept.of.get(key) <= maxValuesOfKey { // say it once
			f.values[keyID] = keptValue{key, ""}
		}
		return false
	}
	f.values[id] = keptValue{key, string(value)}
	f.of[key]++
	return true
}

// unsuggested are keys whose values are different in every span: nobody chooses one from a list.
var unsuggested = []string{
	"url.full", "http.url", "http.target", "url.query", "client.port", "client.address", "net.peer.port", "net.sock.peer.port", "network.peer.port",
	"server.port", "thread.id", "thread.name", "code.function", "code.namespace", "code.filepath", "code.lineno", "code.function.name", "code.file.path", "code.line.number",
	"http.request.body.size", "http.response.body.size", "http.request_content_length", "http.response_content_length",
	"user_agent.original", "http.user_agent", "exception.stacktrace",
}

// ofBatch adds the values of a batch. Keys are numbers in its string table, of which each is
// looked at once.
func (f *freshValues) ofBatch(b *span.Batch) {
	type state struct {
		id   uint64
		done bool
		key  placedKey
	}
	states := make([]state, b.Strings.Len())
	at := 0
	for _, ref := range b.Attributes.Keys {
		var value []byte
		value, at = b.Attributes.Values.Next(at)
		s := &states[ref]
		if s.id == 0 {
			s.key = placedKey{onSpan, b.Strings.String(ref)}
			s.id = keyID(s.key)
			s.done = s.key.key == "" || slices.Contains(unsuggested, s.key.key) || f.full(s.key)
		}
		if !s.done {
			s.done = !f.add(s.key, s.id, value)
		}
	}
	for name, column := range map[string]span.Symbols{"name": b.Endpoint, "scope_name": b.ScopeName, "scope_version": b.ScopeVersion} {
		key := placedKey{ofSpan, name}
		id, met, full := keyID(key), make([]bool, b.Strings.Len()), f.full(key)
		for i, ref := range column {
			if !full && !met[ref] && b.Source[i] == span.APP {
				met[ref] = true
				full = !f.add(key, id, []byte(b.Strings.String(ref)))
			}
		}
	}
	message, code := placedKey{ofSpan, "status_message"}, placedKey{ofSpan, "code"}
	at = 0
	last := int32(0)
	for i := range b.Len() {
		var text []byte
		if text, at = b.StatusMessage.Next(at); len(text) > 0 && !f.full(message) {
			f.add(message, keyID(message), text)
		}
		if c := b.Code[i]; c != last && c != 0 {
			last = c
			f.add(code, keyID(code), strconv.AppendInt(nil, int64(c), 10))
		}
	}
}

func (f *freshValues) full(key placedKey) bool { return f.kept.of.get(key)+f.of[key] > maxValuesOfKey }

func keyID(k placedKey) uint64 { return xxhash.Sum64String(k.key) ^ uint64(k.place)<<56 | 1 }

// putValues stores them.
func (s *Store) putValues(ctx context.Context, f *freshValues) error {
	due, of := s.offered.due(f), map[placedKey]int{}
	if len(due) == 0 {
		return nil
	}
	var ids []uint64
	var places []uint8
	var keys, values span.Text
	var at []uint32
	for id, v := range due {
		if of[v.placedKey]++; v.value == "" {
			of[v.placedKey] += maxValuesOfKey
		}
		ids, places, at = append(ids, id), append(places, uint8(v.place)), append(at, uint32(f.now.Unix()))
		keys.AddString(v.key)
		values.AddString(v.value)
	}
	err := s.send(ctx, new(block), "attribute_values", "", func(b *block) {
		b.reset(4, len(ids))
		b.text("key", &keys)
		b.fixed("place", "UInt8", memory(places))
		b.text("value", &values)
		b.fixed("seen", "DateTime", memory(at))
	})
	if err != nil {
		return fmt.Errorf("insert %d values of attributes: %w", len(ids), err)
	}
	s.offered.sent.add(ids, f.now)
	s.offered.of.add(of)
	return nil
}

// keptValuesOf are the values of keys that were sent since a time, but for half a day.
const keptValuesOf = "SELECT DISTINCT value FROM attribute_values WHERE key = {key:String} AND place = {place:UInt8} AND seen >= {since:DateTime('UTC')}"

// keptValues are the values of one key, by name; more says that it has too many.
func (s *Store) keptValues(ctx context.Context, key placedKey, since int64, pattern string, limit int) (values []string, more bool, err error) {
	c := newConditions()
	c.params["key"], c.params["place"], c.params["since"] = key.key, fmt.Sprint(uint8(key.place)), formatMinute(max(0, since-int64(resend)))
	part := c.sub()
	part.matches(pattern, "value")
	sql := keptValuesOf
	if len(part.parts) > 0 {
		sql += " AND (value = '' OR " + part.all() + ")"
	}
	sql += " ORDER BY value LIMIT " + c.bind(fmt.Sprint(limit+1), "UInt64")
	var value texts
	err = s.read(ctx, sql, c.params, nil, []resultColumn{{"value", &value}}, func(rows int) error {
		for i := range rows {
			values = append(values, strings.Clone(value.at(i)))
		}
		return nil
	})
	if code(err) == noSuchTable { // the server is older than this reader
		return nil, false, nil
	}
	if len(values) > 0 && values[0] == "" {
		return values[1:], true, err
	}
	return values, false, err
}
