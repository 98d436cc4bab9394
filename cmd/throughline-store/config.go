package main

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed config.xml
var configText string

var configTemplate = template.Must(template.New("config.xml").Parse(configText))

// markShare and filterShare are the parts of the memory that marks and the indexes which filter may
// take: one in so many.
const markShare, filterShare = 8, 16

// writeConfig writes the engine's configuration into the data directory. There always is
// one: without it the library reads whatever config.xml the working directory has. One that is as it should be
// is left: the disk may be full.
func writeConfig(dir string, memory, keepFree int64) (string, error) {
	var text strings.Builder
	if err := configTemplate.Execute(&text, struct {
		Memory, MarkCache, FilterCache, KeepFree int64
		NoUserIO                                 string
	}{memory, max(memory/markShare, 64<<20), memory / filterShare, keepFree, filepath.Join(dir, "no-user-files")}); err != nil {
		return "", fmt.Errorf("configuration of the engine: %w", err)
	}
	path := filepath.Join(dir, "config.xml")
	if old, err := os.ReadFile(path); err == nil && string(old) == text.String() {
		return path, nil
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		return "", fmt.Errorf("configuration of the engine: %w", err)
	}
	return path, nil
}
