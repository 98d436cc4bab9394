// Package agent is the agent of a node: it sees the requests of the node's pods at their
// system calls (agent/sys), in the packets of the node's interfaces (agent/net), and
// receives the spans of their OpenTelemetry SDKs (agent/otlp). It joins what belongs
// together inside a process (agent/link) and takes everything to the server
// (agent/export).
//
// An agent sees one node and no more: its pods are the network namespaces behind the
// node's veth pairs. Its own traffic is left out: its process, the OTLP ports and the
// server's address.
package agent
