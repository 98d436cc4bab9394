package l7_test

import "github.com/throughline-io/throughline/agent/l7"

// one is a connection with one request.
type one struct{ f *l7.Fields }

func (o one) Begun() *l7.Fields        { return o.f }
func (o one) Open(uint64) *l7.Fields   { return o.f }
func (o one) Pushed(uint64) *l7.Fields { return nil }
