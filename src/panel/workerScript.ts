// Stands where webpack expects a Worker (see its configuration), so that the address of the
// worker's file is known before a worker is made of it.
export class WorkerScript {
  constructor(readonly url: URL) {}
}
