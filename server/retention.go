package server

import (
	"context"
	"time"
)

// keepSize drops the oldest days of spans while the store is larger than it may be.
func (s *Server) keepSize(ctx context.Context) {
	if s.config.RetentionSize == 0 {
		return
	}
	tick := time.NewTicker(s.config.sizeEvery)
	defer tick.Stop()
	for {
		if s.backend.Ready() == nil {
			s.limitSize(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *Server) limitSize(ctx context.Context) {
	dropped, left, err := s.backend.store.LimitSize(ctx, s.config.RetentionSize)
	for _, d := range dropped {
		s.dropped.Add(d.Spans)
		s.config.Log.Warn("spans were dropped: the store was larger than --retention-size", "day", d.Day, "spans", d.Spans, "bytes", d.Bytes)
	}
	if err != nil && ctx.Err() == nil {
		s.config.Log.Warn("the store's size cannot be kept", "error", err)
	}
	if tooLarge := left > 0; tooLarge != s.tooLarge {
		s.tooLarge = tooLarge
		if tooLarge {
			s.config.Log.Warn("one day of spans is more than --retention-size; it is kept", "bytes over", left)
		}
	}
}
