package causality

import "strings"

// Runtime is what carries a program's requests.
type Runtime uint8

// The runtimes. Of what is none of them a thread stands for what runs on it, until it is seen not to.
const (
	Threads Runtime = iota
	Go              // goroutines, whose ids are known
	Unknown         // a Go whose goroutines are not: neither thread nor goroutine proves anything
	Nginx           // event loops: a thread reads for many and writes for many
	HAProxy
	Envoy
	Node
	AsyncIO // Python that has loaded asyncio: a loop, threads, or both
	JVM     // threads, some of which may carry virtual ones
	runtimes
)

var runtimeNames = [runtimes]string{"threads", "Go", "unknown", "nginx", "HAProxy", "Envoy", "Node.js", "Python with asyncio", "JVM"}

func (r Runtime) String() string { return runtimeNames[r] }

// Runtimes are all there are.
func Runtimes() (list []Runtime) {
	for r := range runtimes {
		list = append(list, r)
	}
	return list
}

// hasThreads reports whether a thread may be all there is to a request.
func (r Runtime) hasThreads() bool { return r.isThreads() || r == AsyncIO }

// isThreads reports whether there is nothing but threads, as far as is known.
func (r Runtime) isThreads() bool { return r == Threads || r == JVM }

// Recognize tells the runtime of a program that is not in Go by the path of its executable and the files
// that it has mapped, asked for where the name alone does not tell.
func Recognize(exe string, maps func() string) Runtime {
	name := exe[strings.LastIndexByte(exe, '/')+1:]
	name = strings.TrimSuffix(name, " (deleted)")
	switch name {
	case "nginx", "openresty":
		return Nginx
	case "haproxy":
		return HAProxy
	case "envoy":
		return Envoy
	case "node", "nodejs":
		return Node
	case "java":
		return JVM
	}
	if strings.HasPrefix(name, "python") || strings.HasPrefix(name, "pypy") {
		if m := maps(); strings.Contains(m, "/_asyncio.") || strings.Contains(m, uvloop) {
			return AsyncIO
		}
	}
	return Threads
}

// uvloop is in the path of the library of that loop.
const uvloop = "/uvloop/"

// TasksWrite reports whether in a program of AsyncIO, by the files that it has mapped, what a task writes goes out in the
// task's own context. Not with uvloop, which puts off what is written and sends it for all.
func TasksWrite(maps string) bool { return !strings.Contains(maps, uvloop) }
