package engine

import "github.com/throughline-io/throughline/pkg/store"

// StoreConfig is what pkg/store needs to work on this engine as its owner.
func (e *Engine) StoreConfig() store.Config {
	return store.Config{DSN: URL, Token: e.secret, DialContext: e.DialContext}
}
