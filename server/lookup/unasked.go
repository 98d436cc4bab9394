package lookup

import "context"

type unasked struct{}

// Unasked is a context in which nobody else is asked for what they have of a trace.
func Unasked(ctx context.Context) context.Context { return context.WithValue(ctx, unasked{}, true) }

// Asks reports whether others may be asked.
func Asks(ctx context.Context) bool { return ctx.Value(unasked{}) == nil }
