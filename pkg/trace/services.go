package trace

import "github.com/throughline-io/throughline/pkg/span"

// nameServices finds whose time a span's own time is: its service; for packets the
// caller's.
func (a *assembly) nameServices(t *Tree, at []int32) {
	t.services = make([]string, len(t.Spans))
	for i, s := range a.s {
		if s.Source != span.NET {
			t.services[at[i]] = serviceOf(s, t.entities)
		}
	}
	for c := range a.chains {
		list := a.members[a.chains[c].lo:a.chains[c].hi]
		caller := ""
		if head := list[0]; a.s[head].Source == span.SYS && a.s[head].Point == span.PointClientProcess {
			caller = t.services[at[head]]
		}
		for _, i := range list {
			if s := a.s[i]; s.Source != span.NET {
				continue
			} else if caller == "" {
				caller = endName(s.ClientEntity, t.entities)
			}
			if p := a.parent[list[0]]; caller == "" && p != none {
				caller = t.services[at[p]]
			}
			if caller == "" && a.s[i].Client.IsValid() {
				caller = a.s[i].Client.Addr().String()
			}
			t.services[at[i]] = caller
		}
	}
}

// serviceOf names the service of an APP or SYS span by the best that is known.
func serviceOf(s *span.Span, entities Entities) string {
	if s.Service != "" {
		return s.Service
	}
	if name := endName(s.Entity, entities); name != "" {
		return name
	}
	if s.Comm != "" {
		return s.Comm
	}
	if s.PodIP.IsValid() {
		return s.PodIP.String()
	}
	return "unknown"
}

// endName names an entity, "" if it is not known.
func endName(id uint64, entities Entities) string {
	if id == 0 || entities == nil {
		return ""
	}
	e := entities(id)
	if e == nil {
		return ""
	}
	for _, name := range []string{e.Service, e.Workload, e.Pod, e.Process, e.Node} {
		if name != "" {
			return name
		}
	}
	return e.IP
}
