package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// forgetLostParts makes the engine's deduplication logs true again before it reads them.
//
// The engine (ClickHouse 26.9 and before) notes a part's token before it commits the part. Killed
// between the two it would drop the next try of the insert as known, though it has nothing of
// it. A line whose part is neither there nor merged into another goes; so does a last line without
// an end, which would keep the engine from reading the log. What is not as we know it stays as it is.
func forgetLostParts(dataDir string) error {
	logs, err := deduplicationLogs(dataDir)
	if err != nil {
		return err
	}
	for _, log := range logs {
		if err := forgetLostPartsOf(log, filepath.Join(dataDir, "deduplication_log.new")); err != nil {
			return fmt.Errorf("deduplication log of a table: %w", err)
		}
	}
	return nil
}

// syncDeduplicationLogs puts on disk what the engine noted of inserts. It syncs the parts, and
// not these (ClickHouse issue 111577): after a power loss an insert made again would be counted twice.
func syncDeduplicationLogs(dataDir string) error {
	logs, err := deduplicationLogs(dataDir)
	if err != nil {
		return err
	}
	for _, log := range logs {
		if err := errors.Join(syncFile(log), syncFile(filepath.Dir(log))); err != nil && !errors.Is(err, os.ErrNotExist) { // rotated away
			return err
		}
	}
	return nil
}

// noteSynchronously makes the engine's notes durable as they are written. The engine notes a token
// before it commits the part: power that is lost between the two leaves a note without a part, which
// forgetLostParts strikes. Were the note not durable, it would leave a part without a note.
func noteSynchronously(dataDir string) error {
	logs, err := deduplicationLogs(dataDir)
	if err != nil {
		return err
	}
	for _, log := range logs {
		if err := errors.Join(writeSynchronously(log), writeSynchronously(filepath.Dir(log))); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func syncFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func deduplicationLogs(dataDir string) ([]string, error) {
	return filepath.Glob(filepath.Join(dataDir, "db", "store", "*", "*", "deduplication_logs", "deduplication_log_*.txt"))
}

// forgetLostPartsOf rewrites one log where it must, by way of a file next to the tables: the
// engine takes every file beside a log for one.
func forgetLostPartsOf(log, temporary string) error {
	old, err := os.ReadFile(log)
	if err != nil {
		return err
	}
	parts, err := partsIn(filepath.Dir(filepath.Dir(log)))
	if err != nil {
		return err
	}
	kept := trueLines(old, parts)
	if bytes.Equal(kept, old) {
		return nil
	}
	if err := writeSynced(temporary, kept); err != nil {
		return err
	}
	return os.Rename(temporary, log)
}

// trueLines are those of a log whose part is there. A line is an operation (1: added, 2: dropped),
// the part's name and the insert's id, with tabs between.
func trueLines(log []byte, parts []part) []byte {
	var kept []byte
	for line := range bytes.Lines(log) {
		if line[len(line)-1] != '\n' {
			continue
		}
		fields := strings.Split(string(line), "\t")
		if len(fields) == 3 && fields[0] == "1" {
			if p, ok := parsePart(fields[1]); ok && !p.in(parts) {
				continue
			}
		}
		kept = append(kept, line...)
	}
	return kept
}

// part is the name of a part's directory: partition, first and last block; level and mutation
// say nothing here.
type part struct {
	partition  string
	first, end int64
}

// parsePart reads partition_first_last_level, or with a mutation's number behind it.
func parsePart(name string) (p part, ok bool) {
	fields := strings.Split(name, "_")
	if len(fields) != 4 && len(fields) != 5 {
		return p, false
	}
	var numbers [4]int64
	for i, f := range fields[1:] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil || n < 0 {
			return p, false
		}
		numbers[i] = n
	}
	return part{fields[0], numbers[0], numbers[1]}, true
}

// in reports whether one of the parts is this one, or has it in it.
func (p part) in(parts []part) bool {
	for _, q := range parts {
		if p.partition == q.partition && q.first <= p.first && p.end <= q.end {
			return true
		}
	}
	return false
}

func partsIn(table string) (parts []part, err error) {
	entries, err := os.ReadDir(table)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		p, ok := parsePart(e.Name())
		if ok && e.IsDir() && whole(filepath.Join(table, e.Name())) {
			parts = append(parts, p)
		}
	}
	return parts, nil
}

// whole is false for a part that was written while the disk was full. Its checksums are what is written last;
// the engine sets it aside when it opens the table.
func whole(part string) bool {
	checksums, err := os.Stat(filepath.Join(part, "checksums.txt"))
	return err != nil || checksums.Size() > 0
}

func writeSynced(name string, contents []byte) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	_, err = f.Write(contents)
	return errors.Join(err, f.Sync(), f.Close())
}
