// Package ingest takes what agents send, tags it and hands it to the store.
//
// A push is acknowledged when it lies in a log on disk (journal), also while the store is away.
// Segments of the log become inserts (drain): a push the store refuses for its contents is set
// aside alone, an insert that came to its end is not made again (its token), a push that comes
// again is known, also after a restart (window). Readers wait for the log where it has what they
// ask for (pending).
//
// Without a log (gather) a push is acknowledged when the store has it; pushes of many agents
// share one insert, and a store that is away makes every push fail with Unavailable.
package ingest
