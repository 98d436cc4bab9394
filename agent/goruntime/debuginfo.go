package goruntime

import (
	"debug/dwarf"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"math"
)

// FromDebugInformation reads the layout that an executable's debug information tells. What is not in it
// beside goid stays 0.
func FromDebugInformation(exe io.ReaderAt) (Layout, error) {
	f, err := elf.NewFile(exe)
	if err != nil {
		return Layout{}, err
	}
	d, err := f.DWARF()
	if err != nil {
		return Layout{}, err
	}
	var l Layout
	wanted := map[string]map[string]*uint16{
		"runtime.g": {"goid": &l.Goid, "parentGoid": &l.ParentGoid, "m": &l.M, "sched": &l.Sched, "waitreason": &l.WaitReason},
		"runtime.m": {"g0": &l.G0, "p": &l.P, "oldp": &l.OldP},
		"runtime.p": {"id": &l.ID, "schedtick": &l.SchedTick, "runqhead": &l.RunqHead, "runqtail": &l.RunqTail, "runq": &l.Runq},
	}
	const waitsInSelect = "runtime.waitReasonSelect"
	for r := d.Reader(); len(wanted) > 0 || l.Select == 0; {
		entry, err := r.Next()
		if err != nil {
			return Layout{}, err
		}
		if entry == nil {
			break
		}
		name, _ := entry.Val(dwarf.AttrName).(string)
		if value, ok := entry.Val(dwarf.AttrConstValue).(int64); ok && name == waitsInSelect {
			l.Select = uint16(value)
		}
		fields := wanted[name]
		if entry.Tag != dwarf.TagStructType || fields == nil {
			if entry.Tag != dwarf.TagCompileUnit {
				r.SkipChildren()
			}
			continue
		}
		delete(wanted, name)
		if err := offsets(d, entry.Offset, fields); err != nil {
			return Layout{}, fmt.Errorf("%s: %w", name, err)
		}
		r.SkipChildren()
	}
	if l.Goid == 0 {
		return Layout{}, errors.New("no runtime.g with a goid")
	}
	return l, nil
}

// offsets fills in where the fields of a struct lie.
func offsets(d *dwarf.Data, at dwarf.Offset, fields map[string]*uint16) error {
	typ, err := d.Type(at)
	if err != nil {
		return err
	}
	s, ok := typ.(*dwarf.StructType)
	if !ok {
		return errors.New("no struct")
	}
	for _, field := range s.Field {
		to := fields[field.Name]
		if to == nil {
			continue
		}
		if field.ByteOffset < 0 || field.ByteOffset > math.MaxUint16 {
			return fmt.Errorf("%s lies at %d", field.Name, field.ByteOffset)
		}
		*to = uint16(field.ByteOffset)
	}
	return nil
}
