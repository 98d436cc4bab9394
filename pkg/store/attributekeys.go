package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/throughline-io/throughline/pkg/span"
)

// maxFreshKeys bounds how many keys one batch can bring. Keys beyond are found on spans and
// resources all the same, and come with a later batch.
const maxFreshKeys = 10_000

// freshKeys are the keys of a batch that were not stored lately, by their ids.
type freshKeys struct {
	sent *seen
	now  time.Time
	keys map[uint64]placedKey
}

func (f *freshKeys) add(place attributePlace, key string) {
	id := xxhash.Sum64String(key) ^ uint64(place)<<56
	if key != "" && len(f.keys) < maxFreshKeys && !f.sent.has(id, f.now) {
		f.keys[id] = placedKey{place, key}
	}
}

// ofBatch adds the keys of a batch. Keys of spans are numbers in its string table, of which
// each is looked at once.
func (f *freshKeys) ofBatch(batch *span.Batch) {
	known := make([]bool, batch.Strings.Len())
	for _, ref := range batch.Attributes.Keys {
		if !known[ref] {
			known[ref] = true
			f.add(onSpan, batch.Strings.String(ref))
		}
	}
	for _, r := range batch.OTelResources {
		for _, a := range r.Attributes {
			f.add(onResource, a.Key)
		}
	}
	met := map[string]bool{}
	for at, n := 0, batch.Events.Len(); n > 0; n-- {
		var events []byte
		events, at = batch.Events.Next(at)
		eventKeys(events, func(key []byte) {
			if !met[string(key)] {
				met[string(key)] = true
				f.add(onEvent, string(key))
			}
		})
	}
}

// putKeys stores which keys attributes have.
func (s *Store) putKeys(ctx context.Context, f *freshKeys) error {
	if len(f.keys) == 0 {
		return nil
	}
	var ids []uint64
	var places []uint8
	var keys span.Text
	var at []uint32
	for id, k := range f.keys {
		ids, places, at = append(ids, id), append(places, uint8(k.place)), append(at, uint32(f.now.Unix()))
		keys.AddString(k.key)
	}
	err := s.send(ctx, new(block), "attribute_keys", "", func(b *block) {
		b.reset(3, len(ids))
		b.text("key", &keys)
		b.fixed("place", "UInt8", memory(places))
		b.fixed("seen", "DateTime", memory(at))
	})
	if err != nil {
		return fmt.Errorf("insert %d keys of attributes: %w", len(ids), err)
	}
	s.keys.add(ids, f.now)
	return nil
}

// placesOfKeys are where keys occur.
const placesOfKeys = "SELECT DISTINCT place, key FROM attribute_keys WHERE key IN arrayMap(k -> unhex(k), {keys:Array(String)})"

// places says where the attributes that filters are about occur. What is not in the answer is
// not known: it was never stored. There is none where the server keeps no keys.
func (s *Store) places(ctx context.Context, filters []Filter) (map[string][]placedKey, error) {
	c := newConditions()
	wanted := map[placedKey][]string{} // the filters' keys that may mean it
	var list []string
	for _, f := range filters {
		if c.knows(f.Key) && !f.attribute {
			continue
		}
		for _, r := range readings(f.Key) {
			if !slices.Contains(wanted[r], f.Key) {
				wanted[r] = append(wanted[r], f.Key)
				list = append(list, fmt.Sprintf("'%x'", r.key))
			}
		}
	}
	found := map[string][]placedKey{}
	if len(list) == 0 {
		return found, nil
	}
	slices.Sort(list)
	var place numbers[uint8]
	var key texts
	err := s.read(ctx, placesOfKeys, params{"keys": "[" + strings.Join(slices.Compact(list), ",") + "]"}, oneThread, []resultColumn{{"place", &place}, {"key", &key}}, func(rows int) error {
		for i := range rows {
			p := placedKey{attributePlace(place.at(i)), strings.Clone(key.at(i))}
			for _, f := range wanted[p] {
				found[f] = append(found[f], p)
			}
		}
		return nil
	})
	if code(err) == noSuchTable { // the server is older than this reader
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("where attributes are: %w", err)
	}
	return found, nil
}
