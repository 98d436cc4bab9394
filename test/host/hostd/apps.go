package hostd

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
)

// enabled reports whether an app is on. An app that its plugin.json turns on has no stored
// setting, until somebody or a file sets one.
func (h *Host) enabled(app *plugin) bool {
	if s, stored := h.db.setting(app.manifest.ID); stored {
		return s.Enabled
	}
	return app.manifest.AutoEnabled
}

// setEnabled stores the setting. Only a change of a stored one is an event, and only on it an
// app's dashboards come and go; the first setting is a change from disabled.
func (h *Host) setEnabled(app *plugin, on bool) error {
	old, _ := h.db.setting(app.manifest.ID)
	h.db.set(app.manifest.ID, pluginSetting{Enabled: on, Version: old.Version})
	switch {
	case on == old.Enabled:
		return nil
	case on:
		return h.syncDashboards(app)
	}
	for uid := range h.db.dashboardsOf(app.manifest.ID) {
		h.db.remove(uid)
	}
	return nil
}

// updateDashboards is Grafana's look for newer dashboards at its start: of the apps with a
// stored setting, where the plugin's version is another than at the last look.
func (h *Host) updateDashboards() error {
	for id, s := range h.db.allSettings() {
		app := h.plugins[id]
		if app == nil || !s.Enabled || s.Version == app.manifest.Info.Version {
			continue
		}
		if err := h.syncDashboards(app); err != nil {
			return err
		}
	}
	return nil
}

// syncDashboards imports an app's dashboards that are not there or of another revision, and
// removes those that the app no longer has. A dashboard without a revision has revision 1, so
// that a newer version of it is never imported. The old one is found by its title.
func (h *Host) syncDashboards(app *plugin) error {
	gone := h.db.dashboardsOf(app.manifest.ID)
	for _, include := range app.manifest.Includes {
		if include.Type != "dashboard" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(app.dir, include.Path))
		if err != nil {
			return err
		}
		head := struct {
			UID, Title string
			Revision   int
		}{Revision: 1}
		if err := json.Unmarshal(text, &head); err != nil {
			return fmt.Errorf("%s: %w", include.Path, err)
		}
		newer := true
		for uid, old := range gone {
			if old.title == head.Title {
				delete(gone, uid)
				newer = old.revision != head.Revision
			}
		}
		if newer {
			h.db.put(head.UID, storedDashboard{app: app.manifest.ID, title: head.Title, revision: head.Revision, json: text})
		}
	}
	for uid := range gone {
		h.db.remove(uid)
	}
	h.db.set(app.manifest.ID, pluginSetting{Enabled: true, Version: app.manifest.Info.Version})
	return nil
}

// pluginSettings is GET and POST /api/plugins/{id}/settings: the page of a plugin.
func (h *Host) pluginSettings(w http.ResponseWriter, r *http.Request) {
	app := h.plugins[r.PathValue("id")]
	if app == nil {
		fail(w, http.StatusNotFound, "Plugin not found, no installed plugin with that id")
		return
	}
	if r.Method == http.MethodGet {
		meta := app.meta()
		meta["enabled"] = h.enabled(app)
		reply(w, http.StatusOK, meta)
		return
	}
	var body struct{ Enabled bool }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&body); err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	if err := h.setEnabled(app, body.Enabled); err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	reply(w, http.StatusOK, map[string]string{"message": "Plugin settings updated"})
}
