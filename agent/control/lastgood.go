package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/throughline-io/throughline/agentgroup"
	"github.com/throughline-io/throughline/pkg/wire"
)

// kept is what the file holds.
type kept struct {
	Asked   string `json:"asked"` // the group the agent wanted to be in
	Group   string `json:"group"`
	Name    string `json:"name"`
	Version uint64 `json:"version"`
	YAML    string `json:"yaml"`
}

func path(dir string) string { return filepath.Join(dir, "group.json") }

// LastGood is the configuration that was in force last, of an agent that wanted to be in the same group; nil
// where there is none. dir is the agent's state directory; "": there is none.
func LastGood(dir, asked string) (*wire.GroupConfig, error) {
	if dir == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the last configuration of the group: %w", err)
	}
	var k kept
	if err := json.Unmarshal(data, &k); err != nil {
		return nil, fmt.Errorf("%s is no configuration of a group: %w", path(dir), err)
	}
	if len(k.YAML) > agentgroup.MaxDocument {
		return nil, fmt.Errorf("%s is no configuration of a group: it has %d bytes", path(dir), len(k.YAML))
	}
	if k.Asked != asked || k.Version == 0 {
		return nil, nil
	}
	return &wire.GroupConfig{Group: k.Group, Name: k.Name, Version: k.Version, Yaml: k.YAML}, nil
}

// Keep notes a configuration that is in force. The file is replaced as a whole, and is on the disk when Keep
// returns.
func Keep(dir, asked string, c *wire.GroupConfig) error {
	if dir == "" {
		return nil
	}
	data, err := json.Marshal(kept{asked, c.GetGroup(), c.GetName(), c.GetVersion(), c.GetYaml()})
	if err != nil {
		return err
	}
	next := path(dir) + ".next"
	f, err := os.OpenFile(next, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("keep the configuration of the group: %w", err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(next, path(dir))
	}
	if err != nil {
		return fmt.Errorf("keep the configuration of the group: %w", err)
	}
	return nil
}
