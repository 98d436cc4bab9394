package shapes

// Requests that are slow because of those they ask.

// nPlus1 asks for a list, and then for each of its 200 lines.
func nPlus1(m *maker) {
	t := m.trace(0)
	root := t.add(nil, "orders", "GET /orders", server, 0, 905)
	find := t.add(root, "orders", "OrderRepository.findAll", internal, 2, 900)
	t.add(find, "orders", "SELECT orders", client, 3, 6, attributes("db.system", "mysql"))
	for k := range 200 {
		t.add(find, "orders", "SELECT lines", client, 10+float64(k)*4.4, 4, sql("mysql", "SELECT * FROM lines WHERE order_id=?"))
	}
}

// retry gets 503 twice, and only the third try reaches the payment's process.
func retry(m *maker) {
	t := m.trace(0)
	root := t.add(nil, "web", "POST /pay", server, 0, 3400, httpRequest("web", "POST", "/pay", 200))
	for k := range 2 {
		t.add(root, "web", "POST", client, 10+float64(k)*1100, 1000, httpRequest("psp", "POST", "/charge", 503), failed(""))
	}
	last := t.add(root, "web", "POST", client, 2210, 1050, httpRequest("psp", "POST", "/charge", 200))
	t.add(last, "psp", "POST /charge", server, 2215, 1000, httpRequest("psp", "POST", "/charge", 200))
}

// fanOut asks thirty shards at once and waits for one.
func fanOut(m *maker) {
	t := m.trace(0)
	root := t.add(nil, "search", "GET /search", server, 0, 640)
	scatter := t.add(root, "search", "scatter", internal, 4, 630)
	for k := range 30 {
		duration := 40 + float64(k*37%50)
		if k == 17 {
			duration = 600
		}
		c := t.add(scatter, "search", "query shard", client, 6, duration+2, attributes("shard.id", k))
		t.add(c, "shard", "query shard", server, 7, duration, attributes("shard.id", k))
	}
}

// three is the smallest trace with a database.
func three(m *maker) {
	t := m.trace(0)
	root := t.add(nil, "shop", "GET /items/{id}", server, 0, 42, httpRequest("shop", "GET", "/items/{id}", 200))
	find := t.add(root, "shop", "ItemService.find", internal, 3, 37)
	t.add(find, "shop", "SELECT items", client, 8, 29, oldSQL("mysql", "SELECT * FROM items WHERE id=?"))
}
