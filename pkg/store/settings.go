package store

import (
	"maps"
	"sync/atomic"
)

// settingsMode notes which settings of reads the store takes: a user with readonly = 1 may set
// none, and an older server does not know all.
type settingsMode struct{ refused, older atomic.Bool }

// try runs a statement with the settings that the store takes, and finds out which: nil is none
// at all, also not those that every read has.
func (m *settingsMode) try(settings params, run func(settings params) error) error {
	if m.refused.Load() {
		return run(nil)
	}
	for {
		older := m.older.Load()
		if older {
			settings = maps.Clone(settings)
			for _, name := range newSettings {
				delete(settings, name)
			}
		}
		err := run(settings)
		switch {
		case code(err) == unknownSetting && !older:
			m.older.Store(true)
		case code(err) == unknownSetting, code(err) == readOnly:
			m.refused.Store(true)
			return run(nil)
		default:
			return err
		}
	}
}

// ClickHouse's codes.
const (
	unknownSetting = 115
	readOnly       = 164
)
