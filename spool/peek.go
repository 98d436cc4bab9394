package spool

import "errors"

// Peek reads the records of the segments that wait to be taken, oldest first, and takes none.
// What is damaged it leaves out, as a Reader does. It is for the start, before the first Next.
func (l *Log) Peek(each func(s *Segment, record []byte)) error {
	l.mu.Lock()
	waiting := append([]*Segment(nil), l.sealed...)
	l.mu.Unlock()
	var errs []error
	for _, s := range waiting {
		r, err := s.Open()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for r.Next() {
			each(s, r.Record())
		}
		errs = append(errs, r.Err(), r.Close())
		s.damage = damage{} // the consumer meets it again, and counts it
	}
	return errors.Join(errs...)
}
