package otlp

import (
	"bytes"
	"strconv"
)

// jsonEvent writes the event's attributes into a text of their own first: in JSON they
// may come before its name and time.
func (d *Decoder) jsonEvent() error {
	s, r := &d.scan, &d.row
	if r.full(r.events, &r.counts.events, maxEvents) {
		r.cut.events++
		return s.skip(maxNesting)
	}
	var name []byte
	var time uint64
	var dropped uint32
	var exceptionType, exceptionError []byte
	d.beginPairs()
	err := s.object(func(key []byte) (err error) {
		switch string(key) {
		case "timeUnixNano", "time_unix_nano":
			time, err = s.unsigned()
		case "name":
			name, err = s.string()
		case "droppedAttributesCount", "dropped_attributes_count":
			dropped, err = s.count()
		case "attributes":
			err = d.jsonAttributes(func(key []byte, v *value) error {
				switch {
				case v.kind != valueString:
				case bytes.Equal(key, []byte("exception.type")):
					exceptionType = v.text
				case bytes.Equal(key, []byte("exception.message")):
					exceptionError = v.text
				}
				d.addPair(key, v)
				return nil
			})
		default:
			err = s.skip(maxNesting)
		}
		return err
	})
	if string(name) == "exception" {
		r.exception(exceptionType, exceptionError)
	}
	if len(r.events)+len(name) > maxText {
		r.cut.events++
		return err
	}
	r.events = append(element(r.events), `{"time":`...)
	r.events = strconv.AppendUint(r.events, time, 10)
	r.events = appendQuoted(append(r.events, `,"name":`...), name)
	r.events = append(append(append(r.events, `,"attributes":{`...), d.pairs...), '}')
	r.events = append(appendCount(r.events, "dropped", dropped+d.pairsCut), '}')
	return err
}

func (d *Decoder) jsonLink() error {
	s, r := &d.scan, &d.row
	if r.full(r.links, &r.counts.links, maxLinks) {
		r.cut.links++
		return s.skip(maxNesting)
	}
	var traceID, spanID, state []byte
	var dropped, flags uint32
	d.beginPairs()
	err := s.object(func(key []byte) (err error) {
		switch string(key) {
		case "traceId", "trace_id":
			traceID, err = d.jsonID("a link's trace_id")
		case "spanId", "span_id":
			spanID, err = d.jsonID("a link's span_id")
		case "traceState", "trace_state":
			state, err = s.string()
		case "flags":
			flags, err = s.count()
		case "droppedAttributesCount", "dropped_attributes_count":
			dropped, err = s.count()
		case "attributes":
			err = d.jsonAttributes(func(key []byte, v *value) error {
				d.addPair(key, v)
				return nil
			})
		default:
			err = s.skip(maxNesting)
		}
		return err
	})
	if len(r.links)+len(state) > maxText {
		r.cut.links++
		return err
	}
	r.links = beginLink(r.links, traceID, spanID, state)
	r.links = append(append(append(r.links, `,"attributes":{`...), d.pairs...), '}')
	r.links = append(appendCount(appendCount(r.links, "dropped", dropped+d.pairsCut), "flags", flags), '}')
	return err
}

func (d *Decoder) beginPairs() { d.pairs, d.pairsCount, d.pairsCut = d.pairs[:0], 0, 0 }

// addPair adds a member to the JSON object of an event's or link's attributes.
func (d *Decoder) addPair(key []byte, v *value) {
	from := len(d.pairs)
	if v.kind == valueLong || d.pairsCount >= maxAttributes || from+len(key)+len(v.text) > maxText {
		d.pairsCut++
		return
	}
	if from > 0 {
		d.pairs = append(d.pairs, ',')
	}
	d.pairs = append(appendQuoted(d.pairs, key), ':')
	if d.pairs = appendScalar(d.pairs, v); len(d.pairs) > maxText {
		d.pairs = d.pairs[:from]
		d.pairsCut++
		return
	}
	d.pairsCount++
}
