package kube

import (
	"cmp"
	"math"
	"slices"
)

// tenancy is that somebody had an address: may is when they may have had it, sure when they did.
// Times are Unix nanoseconds; both ends of sure lie in may.
type tenancy struct {
	owner     *owner
	may, sure interval
}

// interval is from a moment on and before another.
type interval struct{ from, until int64 }

func (i interval) holds(at int64) bool { return i.from <= at && at < i.until }

const (
	begin = math.MinInt64
	open  = math.MaxInt64 // nothing is known of an end
)

// tenancies are those of one address, in no order: there are few.
type tenancies []tenancy

// at is who had the address at a moment, nil for nobody or several, and for how long that answer
// is the same.
func (ts tenancies) at(moment int64) (*owner, interval) {
	same := interval{begin, open}
	narrow := func(i interval) {
		for _, edge := range [...]int64{i.from, i.until} {
			if edge <= moment {
				same.from = max(same.from, edge)
			} else {
				same.until = min(same.until, edge)
			}
		}
	}
	var sure, may *tenancy
	several := false
	for i := range ts {
		t := &ts[i]
		narrow(t.may)
		narrow(t.sure)
		if !t.may.holds(moment) {
			continue
		}
		if may != nil {
			several = true
		}
		may = t
		// Of two that live, who got it later has it: the network gave it away. It is the other's
		// end that was not heard of yet.
		if t.sure.holds(moment) && (sure == nil || t.sure.from > sure.sure.from) {
			sure = t
		}
	}
	switch {
	case sure != nil:
		return sure.owner, same
	case may == nil || several:
		return nil, same
	}
	return may.owner, same
}

// put notes a tenancy, or what is known of it now.
func (ts tenancies) put(t tenancy) tenancies {
	for i := range ts {
		if ts[i].owner == t.owner {
			ts[i] = t
			return ts
		}
	}
	return append(ts, t)
}

// find is the tenancy of an owner, nil where there is none.
func (ts tenancies) find(o *owner) *tenancy {
	if i := slices.IndexFunc(ts, func(t tenancy) bool { return t.owner == o }); i >= 0 {
		return &ts[i]
	}
	return nil
}

// without are those of others.
func (ts tenancies) without(o *owner) tenancies {
	return slices.DeleteFunc(ts, func(t tenancy) bool { return t.owner == o })
}

// latest are those that ended last, as many as most.
func (ts tenancies) latest(most int) (kept tenancies, dropped int) {
	if len(ts) <= most {
		return ts, 0
	}
	slices.SortFunc(ts, func(a, b tenancy) int { return cmp.Compare(b.may.until, a.may.until) })
	dropped = len(ts) - most
	clear(ts[most:])
	return ts[:most], dropped
}
