package store

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"text/template"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

// schema is what a migration's text can ask for.
type schema struct {
	database string
	cluster  string
}

// AttributePairs is the expression that the index of attributes stands on: a hash of each key and
// its value. A search must use the very same text.
func (schema) AttributePairs() string { return attributePairs }

const attributePairs = "arrayMap((k, v) -> cityHash64(k, v), mapKeys(attributes), mapValues(attributes))"

// Table is the name under which a table is created: on a cluster the one that each shard
// has for itself.
func (s schema) Table(name string) string {
	if s.cluster == "" {
		return name
	}
	return name + "_local ON CLUSTER " + s.cluster
}

// Engine is a table engine with its parameters; on a cluster its replicated kind.
func (s schema) Engine(name string, args ...string) string {
	if s.cluster == "" {
		return name + "(" + strings.Join(args, ", ") + ")"
	}
	args = append([]string{"'/clickhouse/tables/{uuid}/{shard}'", "'{replica}'"}, args...)
	return "Replicated" + name + "(" + strings.Join(args, ", ") + ")"
}

// Distributed is, on a cluster, the table over all shards under the plain name; rows with
// the same key lie on the same shard.
func (s schema) Distributed(name, key string) string {
	if s.cluster == "" {
		return ""
	}
	return "CREATE TABLE IF NOT EXISTS " + name + " ON CLUSTER " + s.cluster + " AS " + s.database + "." + name + "_local ENGINE = Distributed(" +
		s.cluster + ", " + s.database + ", " + name + "_local, " + key + ");"
}

// AlterDistributed changes, on a cluster, the table over all shards like its parts.
func (s schema) AlterDistributed(name, change string) string {
	if s.cluster == "" {
		return ""
	}
	return "ALTER TABLE " + name + " ON CLUSTER " + s.cluster + " " + change + ";"
}

// local is the name of the table that has the rows: on a cluster those of a shard.
func (s schema) local(name string) string {
	if s.cluster == "" {
		return name
	}
	return name + "_local"
}

// alter is the name by which a table is changed.
func (s schema) alter(name string) string { return s.Table(name) }

// migration is a file of sql/.
type migration struct {
	version    int
	name       string
	statements []string
}

// migrations are the schema's steps in order.
func (s schema) migrations() ([]migration, error) {
	files, err := fs.Glob(sqlFiles, "sql/*.sql")
	if err != nil {
		return nil, err
	}
	var all []migration
	for _, f := range files {
		name := strings.TrimSuffix(path.Base(f), ".sql")
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.Atoi(number)
		if err != nil || version != len(all)+1 {
			return nil, fmt.Errorf("migration %s: want number %04d", f, len(all)+1)
		}
		text, err := fs.ReadFile(sqlFiles, f)
		if err != nil {
			return nil, err
		}
		t, err := template.New(name).Parse(string(text))
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", f, err)
		}
		var out strings.Builder
		if err := t.Execute(&out, s); err != nil {
			return nil, fmt.Errorf("migration %s: %w", f, err)
		}
		m := migration{version: version, name: name}
		for stmt := range strings.SplitSeq(out.String(), ";\n") {
			if stmt = strings.TrimSuffix(strings.TrimSpace(stmt), ";"); stmt != "" {
				m.statements = append(m.statements, stmt)
			}
		}
		all = append(all, m)
	}
	return all, nil
}
