// Package engine runs throughline-store, the embedded ClickHouse, as a child process:
// starts it, waits until it answers, starts it again after a crash, and stops it.
//
// What the store has acknowledged is on disk, so a restart loses nothing; requests that
// were under way fail and their senders repeat them.
package engine
