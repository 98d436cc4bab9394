package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestALineOfTheDeduplicationLogGoesWithItsPart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, log, kept string
		parts           []string
	}{
		{"nothing", "", "", nil},
		{"there", "1\t20261129_3_3_0\tx\n", "1\t20261129_3_3_0\tx\n", []string{"20261129_3_3_0"}},
		{"lost", "1\t20261129_3_3_0\tx\n1\t20261129_4_4_0\ty\n", "1\t20261129_3_3_0\tx\n", []string{"20261129_3_3_0"}},
		{"merged", "1\t20261129_3_3_0\tx\n", "1\t20261129_3_3_0\tx\n", []string{"20261129_1_7_2"}},
		{"changed by a mutation", "1\t20261129_3_3_0\tx\n", "1\t20261129_3_3_0\tx\n", []string{"20261129_3_3_0_9"}},
		{"of another day", "1\t20261129_3_3_0\tx\n", "", []string{"20261128_1_7_2"}},
		{"only begun", "1\t20261129_3_3_0\tx\n", "", []string{"tmp_insert_20261129_3_3_0"}},
		{"dropped", "2\t20261129_3_3_0\tx\n", "2\t20261129_3_3_0\tx\n", nil},
		{"torn", "1\t20261129_3_3_0\tx\n1\t20261129_4_4", "1\t20261129_3_3_0\tx\n", []string{"20261129_1_7_2"}},
		{"of a version to come", "3\ta\tb\tc\n1\tall-3-3\tx\n", "3\ta\tb\tc\n1\tall-3-3\tx\n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			table := filepath.Join(dir, "db", "store", "abc", "abcdef")
			log := filepath.Join(table, "deduplication_logs", "deduplication_log_1.txt")
			for _, d := range append(c.parts, "detached", "deduplication_logs") {
				if err := os.MkdirAll(filepath.Join(table, d), 0o750); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(log, []byte(c.log), 0o640); err != nil {
				t.Fatal(err)
			}
			if err := forgetLostParts(dir); err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(log); err != nil || string(got) != c.kept {
				t.Errorf("%q, %v; want %q", got, err, c.kept)
			}
			if files, _ := os.ReadDir(filepath.Dir(log)); len(files) != 1 {
				t.Errorf("%d files beside the log: the engine takes each for a log", len(files))
			}
		})
	}
}

// A part that was written while the disk was full has no checksums, and is set aside when the table is opened: what is
// inserted again is then not known.
func TestALineGoesWithAPartThatIsNotWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	table := filepath.Join(dir, "db", "store", "abc", "abcdef")
	log := filepath.Join(table, "deduplication_logs", "deduplication_log_1.txt")
	for name, contents := range map[string]string{
		"20261129_3_3_0/checksums.txt": "checksums format version: 4", "20261129_4_4_0/checksums.txt": "",
		"deduplication_logs/deduplication_log_1.txt": "1\t20261129_3_3_0\tx\n1\t20261129_4_4_0\ty\n",
	} {
		path := filepath.Join(table, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o750), os.WriteFile(path, []byte(contents), 0o640)); err != nil {
			t.Fatal(err)
		}
	}
	if err := forgetLostParts(dir); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(log); err != nil || string(got) != "1\t20261129_3_3_0\tx\n" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestADataDirectoryWithoutTablesHasNoLogs(t *testing.T) {
	t.Parallel()
	if err := forgetLostParts(t.TempDir()); err != nil {
		t.Error(err)
	}
	if err := syncDeduplicationLogs(t.TempDir()); err != nil {
		t.Error(err)
	}
}
