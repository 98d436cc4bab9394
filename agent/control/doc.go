// Package control follows the configuration of the agent's group: the server pushes it over the
// connection that spans take, the agent says what of it is in force, and keeps the last one that was in a
// file, by which it starts when the server is away.
package control
