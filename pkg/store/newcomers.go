package store

import (
	"context"
	"fmt"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// newcomers are the OTel resources, and the keys and values of attributes, that an insert brings and the
// store was not sent lately.
type newcomers struct {
	store     *Store
	now       time.Time
	resources map[uint64]span.Resource
	keys      freshKeys
	values    freshValues
}

func newNewcomers(s *Store) newcomers {
	now := time.Now()
	return newcomers{store: s, now: now, resources: map[uint64]span.Resource{}, keys: freshKeys{&s.keys, now, map[uint64]placedKey{}},
		values: freshValues{&s.offered, now, map[uint64]keptValue{}, map[placedKey]int{}}}
}

func (n *newcomers) add(batch *span.Batch) {
	for _, r := range batch.OTelResources {
		if !n.store.sent.has(r.ID, n.now) {
			n.resources[r.ID] = r
		}
	}
	n.keys.ofBatch(batch)
	n.values.ofBatch(batch)
}

// put stores them.
func (n *newcomers) put(ctx context.Context) error {
	if err := n.putResources(ctx); err != nil {
		return err
	}
	if err := n.store.putKeys(ctx, &n.keys); err != nil {
		return err
	}
	return n.store.putValues(ctx, &n.values)
}

func (n *newcomers) putResources(ctx context.Context) error {
	if len(n.resources) == 0 {
		return nil
	}
	batch := span.Batch{}
	var ids []uint64
	var seen []uint32
	for id, r := range n.resources {
		ids, seen = append(ids, id), append(seen, uint32(n.now.Unix()))
		for _, a := range r.Attributes {
			batch.Attributes.AddPair(batch.Strings.Ref(a.Key), []byte(a.Value), a.Type)
		}
		batch.Attributes.EndRow()
	}
	err := n.store.send(ctx, new(block), "otel_resources", "", func(b *block) {
		b.reset(4, len(ids))
		b.fixed("id", "UInt64", memory(ids))
		b.attributes(&batch.Attributes, batch.Strings.Strings())
		b.fixed("seen", "DateTime", memory(seen))
	})
	if err != nil {
		return fmt.Errorf("insert %d OTel resources: %w", len(ids), err)
	}
	n.store.sent.add(ids, n.now)
	clear(n.resources)
	return nil
}
