package sys

import (
	"slices"
	"sync"
)

// unreadMost bounds the processes that are named.
const unreadMost = 64

// unreadTLS are the processes that are known to speak TLS which cannot be read, and why. Others may ask for it.
type unreadTLS struct {
	mu  sync.Mutex
	why map[uint32]string
}

// Put names one, if there are not too many.
func (u *unreadTLS) Put(pid uint32, why string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.why == nil {
		u.why = map[uint32]string{}
	}
	if len(u.why) < unreadMost {
		u.why[pid] = why
	}
}

// Delete takes one away.
func (u *unreadTLS) Delete(pid uint32) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.why, pid)
}

// List says why, once for all processes of which the same is said.
func (u *unreadTLS) List() (list []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, why := range u.why {
		list = append(list, why)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
