package main

import (
	"encoding/xml"
	"os"
	"testing"
)

// What the engine may take for marks and filters follows its memory, and parts stay of a size that a merge can
// rewrite soon.
func TestTheEnginesConfigurationFollowsItsMemory(t *testing.T) {
	t.Parallel()
	for memory, marks := range map[int64]int64{minMemory: 75 << 20, 1500 << 20: 187 << 20, 16 << 30: 2 << 30} {
		path, err := writeConfig(t.TempDir(), memory, 64<<20)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var c struct {
			Memory  int64 `xml:"max_server_memory_usage"`
			Marks   int64 `xml:"mark_cache_size"`
			Filters int64 `xml:"index_uncompressed_cache_size"`
			Part    int64 `xml:"merge_tree>max_bytes_to_merge_at_max_space_in_pool"`
		}
		if err := xml.Unmarshal(text, &c); err != nil {
			t.Fatal(err)
		}
		if c.Memory != memory || c.Marks < marks || c.Marks > marks+(1<<20) {
			t.Errorf("memory %d: %+v, want about %d for marks", memory, c, marks)
		}
		if c.Filters < marks/4 || c.Filters > marks {
			t.Errorf("memory %d: %d for filters", memory, c.Filters)
		}
		if c.Part < 300<<20 || c.Part > 520<<20 {
			t.Errorf("parts of %d MiB are merged", c.Part>>20)
		}
	}
}

// Readers together leave memory to inserts.
func TestReadersHaveTheirShareOfTheMemory(t *testing.T) {
	t.Parallel()
	for memory, want := range map[int64]int64{1500 << 20: leastReader, 16 << 30: 2 << 30} {
		o := options{Memory: memory, Readers: 4}
		if got := o.readerMemory(); got != want {
			t.Errorf("of %d MiB each reader may have %d, want %d", memory>>20, got>>20, want>>20)
		}
	}
}
