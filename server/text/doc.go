// Package text prints traces, search results, ledgers and status for people: as a tree, as
// a table. The server and the command line print the same.
//
// What is printed comes from requests of strangers, so control characters never reach the
// terminal.
package text
