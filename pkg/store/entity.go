package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// entityTexts are the columns of table entities between id and labels.
func entityTexts(e *span.Entity) []struct {
	name string
	at   *string
} {
	return []struct {
		name string
		at   *string
	}{
		{"type", &e.Type}, {"service", &e.Service}, {"pod", &e.Pod}, {"workload", &e.Workload}, {"workload_kind", &e.WorkloadKind},
		{"namespace", &e.Namespace}, {"node", &e.Node}, {"cluster", &e.Cluster}, {"process", &e.Process}, {"ip", &e.IP},
	}
}

// PutEntities stores entities; those that were stored lately are left out.
func (s *Store) PutEntities(ctx context.Context, entities []span.Entity) error {
	now := time.Now()
	var fresh []span.Entity
	var ids []uint64
	for _, e := range entities {
		if e.ID == 0 {
			return fmt.Errorf("entity %q %s: %w: it has no id", e.Pod, e.IP, ErrMalformed)
		}
		if !s.sent.has(e.ID, now) {
			fresh, ids = append(fresh, e), append(ids, e.ID)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	seen := make([]uint32, len(ids))
	for i := range seen {
		seen[i] = uint32(now.Unix())
	}
	var labels span.Attributes
	var table span.Table
	for _, e := range fresh {
		for k, v := range e.Labels {
			labels.AddPair(table.Ref(k), []byte(v), span.AttributeString)
		}
		labels.EndRow()
	}
	err := s.send(ctx, new(block), "entities", "", func(b *block) {
		texts := entityTexts(&span.Entity{})
		b.reset(len(texts)+3, len(fresh))
		b.fixed("id", "UInt64", memory(ids))
		for i, t := range texts {
			b.header(t.name, "String")
			for j := range fresh {
				b.string(*entityTexts(&fresh[j])[i].at)
			}
		}
		b.mapColumn("labels", &labels, table.Strings())
		b.fixed("seen", "DateTime", memory(seen))
	})
	if err != nil {
		return fmt.Errorf("insert %d entities: %w", len(fresh), err)
	}
	s.sent.add(ids, now)
	return nil
}

// Entities are the rows with these ids; an id that is not known is missing in the answer.
func (s *Store) Entities(ctx context.Context, ids []uint64) (map[uint64]span.Entity, error) {
	found, _, err := s.readEntities(ctx, distinct(append([]uint64(nil), ids...)))
	return found, err
}

// Resources are the OTel resources with these ids; one that is not known is missing in the
// answer.
func (s *Store) Resources(ctx context.Context, ids []uint64) (map[uint64]span.Resource, error) {
	found, _, err := s.readResources(ctx, distinct(slices.Clone(ids)))
	return found, err
}

// readEntities also says how many statements it needed.
func (s *Store) readEntities(ctx context.Context, ids []uint64) (map[uint64]span.Entity, int, error) {
	found := make(map[uint64]span.Entity, len(ids))
	missing := s.entities.get(ids, found)
	if len(missing) == 0 {
		return found, 0, nil
	}
	var id numbers[uint64]
	labels := new(pairs)
	columns := []resultColumn{{"id", &id}}
	sql := "SELECT id"
	var cells []*texts
	for _, t := range entityTexts(&span.Entity{}) {
		c := new(texts)
		cells = append(cells, c)
		columns = append(columns, resultColumn{t.name, c})
		sql += ", CAST(" + t.name + ", 'String') AS " + t.name
	}
	columns = append(columns, resultColumn{"labels", labels})
	sql += ", labels FROM entities WHERE id IN {ids:Array(UInt64)}"
	err := s.read(ctx, sql, params{"ids": formatIDs(missing)}, fastRead, columns, func(rows int) error {
		for i := range rows {
			e := span.Entity{ID: id.at(i)}
			for j, t := range entityTexts(&e) {
				*t.at = strings.Clone(cells[j].at(i)) // kept in the cache: not with the whole answer
			}
			from, to := labels.row(i)
			for ; from < to; from++ {
				if e.Labels == nil {
					e.Labels = map[string]string{}
				}
				e.Labels[strings.Clone(labels.keys.at(from))] = strings.Clone(labels.values.at(from))
			}
			found[e.ID] = e
			s.entities.put(e.ID, e)
		}
		return nil
	})
	if err != nil {
		return nil, 1, fmt.Errorf("read %d entities: %w", len(missing), err)
	}
	return found, 1, nil
}

// readResources is readEntities for OTel resources.
func (s *Store) readResources(ctx context.Context, ids []uint64) (map[uint64]span.Resource, int, error) {
	found := make(map[uint64]span.Resource, len(ids))
	missing := s.resources.get(ids, found)
	if len(missing) == 0 {
		return found, 0, nil
	}
	var id numbers[uint64]
	attributes, types := new(pairs), new(texts)
	columns := []resultColumn{{"id", &id}, {"attributes", attributes}, {"attribute_types", types}}
	sql := "SELECT id, attributes, attribute_types FROM otel_resources WHERE id IN {ids:Array(UInt64)}"
	err := s.read(ctx, sql, params{"ids": formatIDs(missing)}, fastRead, columns, func(rows int) error {
		for i := range rows {
			from, to := attributes.row(i)
			r := span.Resource{ID: id.at(i), Attributes: attributes.list(make([]span.Attribute, to-from), from, types.at(i))}
			for j, a := range r.Attributes {
				r.Attributes[j].Key, r.Attributes[j].Value = strings.Clone(a.Key), strings.Clone(a.Value)
			}
			found[r.ID] = r
			s.resources.put(r.ID, r)
		}
		return nil
	})
	if err != nil {
		return nil, 1, fmt.Errorf("read %d OTel resources: %w", len(missing), err)
	}
	return found, 1, nil
}
