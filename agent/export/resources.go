package export

import (
	"slices"
	"sync"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// resources are the OTel resources that the server has stored, so that they are not sent
// with every batch. Each is sent again now and then: the store may forget them.
type resources struct {
	mu     sync.Mutex
	stored map[uint64]time.Time
}

const (
	resendAfter  = 10 * time.Minute
	maxResources = 100_000
)

// strip drops from the batch what is stored already or there twice, and says what stays.
func (r *resources) strip(b *span.Batch, now time.Time) (sent []uint64) {
	if len(b.OTelResources) == 0 {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	here := make(map[uint64]bool, len(b.OTelResources))
	b.OTelResources = slices.DeleteFunc(b.OTelResources, func(o span.Resource) bool {
		if at, ok := r.stored[o.ID]; ok && now.Sub(at) < resendAfter || here[o.ID] {
			return true
		}
		here[o.ID] = true
		sent = append(sent, o.ID)
		return false
	})
	return sent
}

// recent reports whether a resource is stored and need not be sent again for now.
func (r *resources) recent(id uint64, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, ok := r.stored[id]
	return ok && now.Sub(at) < resendAfter
}

func (r *resources) add(ids []uint64, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stored == nil || len(r.stored) > maxResources {
		r.stored = map[uint64]time.Time{}
	}
	for _, id := range ids {
		r.stored[id] = now
	}
}
