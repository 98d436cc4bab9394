package lab

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"

	"github.com/throughline-io/throughline/demo/lab/loss"
)

// Loss loses packets between two nodes, in both directions, until it is closed.
type Loss struct {
	colls []*ebpf.Collection
	links []link.Link
}

// minLost spares the handshake and bare acknowledgements: TCP and IP headers twice.
const minLost = 100

// Lose starts to lose so many of a thousand packets with payload between two nodes.
func (l *Lab) Lose(a, b, perMille int) (*Loss, error) {
	out := &Loss{}
	for _, way := range [][2]int{{a, b}, {b, a}} {
		if err := out.add(l, way[0], way[1], perMille); err != nil {
			return nil, errors.Join(err, out.Close())
		}
	}
	return out, nil
}

func (o *Loss) add(l *Lab, from, to, perMille int) error {
	spec, err := loss.Load()
	if err != nil {
		return err
	}
	dst := l.NodeAddr(to).As4()
	for name, v := range map[string]uint32{"to": binary.BigEndian.Uint32(dst[:]), "per_mille": uint32(perMille), "min_len": minLost} {
		if err := spec.Variables[name].Set(v); err != nil {
			return fmt.Errorf("set %s: %w", name, err)
		}
	}
	coll, err := ebpf.NewCollection(spec)
	if err != nil {
		return err
	}
	o.colls = append(o.colls, coll)
	at, err := attachTCX(l.fabric(), l.Port(from), coll.Programs["drop"], ebpf.AttachTCXIngress)
	if err != nil {
		return err
	}
	o.links = append(o.links, at)
	return nil
}

// Close stops the loss.
func (o *Loss) Close() error {
	var errs []error
	for _, l := range o.links {
		errs = append(errs, l.Close())
	}
	for _, c := range o.colls {
		c.Close()
	}
	return errors.Join(errs...)
}
