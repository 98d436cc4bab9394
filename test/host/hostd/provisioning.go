package hostd

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"gopkg.in/yaml.v3"
)

// provisioned is what a file of Grafana's provisioning folder may say, as far as it is read.
type provisioned struct {
	Apps []struct {
		Type     string
		Disabled bool
	}
	Datasources []struct {
		Name, UID, Type, URL string
		JSONData             map[string]any    `yaml:"jsonData"`
		SecureJSONData       map[string]string `yaml:"secureJsonData"`
	}
}

var fromEnvironment = regexp.MustCompile(`\$__env\{(\w+)\}`)

// provision reads the folder's datasources/ and plugins/, of which the latter sets apps on or
// off: the apps with that. Files of dashboards are not read, as the app imports its own.
func (h *Host) provision() (map[string]bool, error) {
	apps := map[string]bool{}
	if h.opts.Provisioning == "" {
		return apps, nil
	}
	for _, kind := range []string{"datasources", "plugins"} {
		files, err := filepath.Glob(filepath.Join(h.opts.Provisioning, kind, "*.yaml"))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			all, err := readProvisioned(file)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			for _, a := range all.Apps {
				apps[a.Type] = !a.Disabled
			}
			for _, d := range all.Datasources {
				expand := func(text string) string {
					return fromEnvironment.ReplaceAllStringFunc(text, func(m string) string {
						return h.opts.Environment[fromEnvironment.FindStringSubmatch(m)[1]]
					})
				}
				settings, err := json.Marshal(d.JSONData)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", file, err)
				}
				for name, secret := range d.SecureJSONData {
					d.SecureJSONData[name] = expand(secret)
				}
				h.opts.Datasources = append(h.opts.Datasources, Datasource{
					UID: d.UID, Name: d.Name, Type: d.Type, URL: expand(d.URL), JSONData: settings, Secure: d.SecureJSONData,
				})
			}
		}
	}
	return apps, nil
}

func readProvisioned(file string) (all provisioned, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return all, err
	}
	return all, yaml.Unmarshal(text, &all)
}
