package hostd

import (
	"encoding/json"
	"maps"
	"sync"
)

// Database is what a Grafana keeps over its restarts. A host that is given another's Database
// is the same Grafana, started again.
type Database struct {
	mu         sync.Mutex
	settings   map[string]pluginSetting   // of apps, by id; only what somebody or a file has set
	dashboards map[string]storedDashboard // by uid
}

// NewDatabase is that of a Grafana that never ran.
func NewDatabase() *Database {
	return &Database{settings: map[string]pluginSetting{}, dashboards: map[string]storedDashboard{}}
}

// pluginSetting is a row of Grafana's table plugin_setting.
type pluginSetting struct {
	Enabled bool
	Version string // of the plugin when its dashboards were last compared
}

// storedDashboard is a dashboard as it was imported.
type storedDashboard struct {
	app      string // the plugin that it is of
	title    string
	revision int
	json     json.RawMessage
}

func (d *Database) setting(app string) (s pluginSetting, stored bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, stored = d.settings[app]
	return s, stored
}

func (d *Database) set(app string, s pluginSetting) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settings[app] = s
}

func (d *Database) allSettings() map[string]pluginSetting {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.settings)
}

func (d *Database) dashboard(uid string) (storedDashboard, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, ok := d.dashboards[uid]
	return s, ok
}

func (d *Database) dashboardsOf(app string) map[string]storedDashboard {
	d.mu.Lock()
	defer d.mu.Unlock()
	of := maps.Clone(d.dashboards)
	maps.DeleteFunc(of, func(_ string, s storedDashboard) bool { return s.app != app })
	return of
}

func (d *Database) put(uid string, s storedDashboard) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dashboards[uid] = s
}

func (d *Database) remove(uid string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.dashboards, uid)
}
