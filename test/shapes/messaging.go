package shapes

// kafka is a request that publishes three messages, and, as a trace of its own, the worker
// that takes them as one batch and links back to them; a fourth came from a trace that
// nobody stored.
func kafka(m *maker) {
	a, b := m.trace(0), m.trace(5000)
	s := a.add(nil, "api", "POST /import", server, 0, 55, httpRequest("api", "POST", "/import", 202))
	var links []option
	for k := range 3 {
		p := a.add(s, "api", "imports publish", producer, 5+float64(k)*12, 9, topic("kafka", "imports", "publish"))
		links = append(links, linkTo(p.TraceId, p.SpanId, "messaging.kafka.message.offset", k))
	}
	stranger := b.newTraceID()
	c := b.add(nil, "import-worker", "imports process", consumer, 0, 2600, append([]option{
		topic("kafka", "imports", "process", "messaging.batch.message_count", 4), event(100, "rebalance", "generation", 7),
		linkTo(stranger[:], b.newSpanID()),
	}, links...)...)
	for k := range 4 {
		at, with := float64(k)*630, []option(nil)
		if k < len(links) {
			with = links[k : k+1]
		}
		w := b.add(c, "import-worker", "handle message", internal, 20+at, 620, with...)
		with = []option{sql("postgresql", "INSERT INTO items ... ON CONFLICT DO UPDATE")}
		if k == 2 {
			with = append(with, exception(200, "pq.Error", "deadlock detected"), event(210, "retry", "attempt", 2))
		}
		b.add(w, "import-worker", "UPSERT items", client, 60+at, 480, with...)
	}
}

// async is a request that is answered at once, while a worker, and code that nobody waits
// for, go on for seconds.
func async(m *maker) {
	t := m.trace(0)
	a := t.add(nil, "api", "POST /export", server, 0, 48, httpRequest("api", "POST", "/export", 202))
	t.add(a, "api", "validate", internal, 2, 20)
	p := t.add(a, "api", "exports publish", producer, 30, 8, topic("rabbitmq", "exports", "publish"))
	c := t.add(p, "export-worker", "exports process", consumer, 900, 5200, topic("rabbitmq", "exports", "process"))
	t.add(c, "export-worker", "render pdf", internal, 1000, 4600)
	t.add(c, "export-worker", "PUT object", client, 5650, 400, httpRequest("objects", "PUT", "/bucket/o", 200))
	t.add(a, "api", "audit (fire and forget)", internal, 40, 700)
}

// consumerRoot is a message whose producer sends no spans.
func consumerRoot(m *maker) {
	m.trace(0).add(nil, "shop", "carts process", consumer, 0, 30, topic("kafka", "carts", "process"))
}
