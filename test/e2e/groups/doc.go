// Package groups runs real agents of one group, a real server and its store, and moves the receivers of all
// agents again and again while clients send to them: how long a change takes to be in force everywhere, and
// that no span is lost on the way.
//
//	go test ./test/e2e/groups                      ten agents, part of every test run
//	go test ./test/e2e/groups -v -full -count=1    a hundred
package groups
