package l7

import (
	"strconv"
	"strings"
)

// A kafkaLayout says where in a message of Kafka stands what is told of it. It is written as words, each a letter
// that says what the field is, with the versions that have it in front: "3+:x a 4 [ -12:t 13+:u [ p r ] ]".
//
//	1 2 4 8   bytes that are passed
//	s         a text that is passed
//	t u       a topic, by its name or its id; k: the id of the topic whose name stood in front of it
//	g x       a group; a transactional id
//	p r       a partition's number; its records
//	e m       an error's code, and its text
//	a w       whether and how the broker answers; how long it waits, in ms
//	S E F     a fetch session's id, and its epoch; F: what follows are partitions that are fetched no more
//	[ ]       an array of structures; ( ): one of plain values
//	T         the tagged fields of a structure inside another
//	.         what follows tells nothing
//
// What stands behind the last field tells nothing either. The fields are those of the message definitions of Apache
// Kafka (kafka.apache.org/protocol).
type kafkaLayout []kafkaField

type kafkaField struct {
	kind     byte
	from, to int16 // versions
	end      int   // of an array, where its closing field stands
}

func layout(text string) kafkaLayout {
	var l kafkaLayout
	var open []int
	for word := range strings.FieldsSeq(text) {
		f := kafkaField{kind: word[len(word)-1], to: never}
		if versions, _, ok := strings.Cut(word, ":"); ok {
			f.from, f.to = versionsOf(versions)
		}
		switch f.kind {
		case '[', '(':
			open = append(open, len(l))
		case ']', ')':
			l[open[len(open)-1]].end = len(l)
			open = open[:len(open)-1]
		}
		l = append(l, f)
	}
	for _, array := range open { // one that tells nothing behind its first element
		l[array].end = len(l)
	}
	return l
}

// versionsOf reads "3", "3+", "-3" and "3-5".
func versionsOf(text string) (from, to int16) {
	number := func(text string, none int16) int16 {
		if n, err := strconv.ParseInt(text, 10, 16); err == nil {
			return int16(n)
		}
		return none
	}
	if first, last, isRange := strings.Cut(text, "-"); isRange {
		return number(first, 0), number(last, never)
	}
	from = number(strings.TrimSuffix(text, "+"), 0)
	if strings.HasSuffix(text, "+") {
		return from, never
	}
	return from, from
}

// walk reads the fields of a message from one to another, and false where the rest tells nothing.
func (l kafkaLayout) walk(r *kafkaReader, version int16, from, to int, said *kafkaSaid) bool {
	for i := from; i < to && r.ok(); i++ {
		f := &l[i]
		array := f.kind == '[' || f.kind == '('
		if version < f.from || version > f.to {
			if array {
				i = f.end
			}
			continue
		}
		switch {
		case array:
			for n := r.count(); n > 0 && r.ok(); n-- {
				if !l.walk(r, version, i+1, f.end, said) {
					return false
				}
				if f.kind == '[' {
					r.tags()
				}
			}
			i = f.end
		case f.kind == '.':
			return false
		default:
			said.field(r, f.kind)
		}
	}
	return true
}

// read reads a whole message.
func (l kafkaLayout) read(r *kafkaReader, version int16, said *kafkaSaid) {
	l.walk(r, version, 0, len(l), said)
}
