// Package control keeps the configuration of agent groups and takes it to their agents.
//
// Groups and all versions lie in the store, so that every server before it knows them. A version is
// pushed at once to the agents of its group that are connected to this server; other servers see it
// within half a second. Agents say what of it is in force.
package control
