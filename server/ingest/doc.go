// Package ingest takes what agents send, tags it and hands it to the store.
//
// A push is acknowledged only after the store has it on disk. Pushes of many agents share
// one insert; a push the store refuses for its contents fails alone; a store that is away
// makes every push fail with Unavailable, so that agents keep their spans and try again.
// Nothing here outlives the process: an agent that got no answer sends the same push again,
// and readers see one span however often it was stored.
package ingest
