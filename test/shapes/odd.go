package shapes

import "strings"

// What should not be, and is.

// skew is two hosts whose clocks differ: the callee's is 420 ms behind.
func skew(m *maker) {
	const behind = 420
	t := m.trace(behind - 30) // so that the first span is at the base
	a := t.add(nil, "gateway", "GET /quote", server, 0, 180, on("node-a"))
	c := t.add(a, "gateway", "GET", client, 10, 160, on("node-a"), httpRequest("pricing", "GET", "/quote", 200))
	s := t.add(c, "pricing", "GET /quote", server, 30-behind, 120, on("node-b"), httpRequest("pricing", "GET", "/quote", 200))
	t.add(s, "pricing", "compute", internal, 35-behind, 100, on("node-b"))
}

// orphans is a trace whose root, and more, was not sent.
func orphans(m *maker) {
	t := m.trace(0)
	a := t.add(nil, "checkout", "PlaceOrder", server, 0, 300, under(t.newSpanID()))
	t.add(a, "checkout", "reserve", internal, 10, 90)
	b := t.add(nil, "billing", "Charge", server, 120, 150, under(t.newSpanID()))
	t.add(b, "billing", "UPDATE accounts", client, 130, 120, attributes("db.system", "mysql"))
	t.add(nil, "mailer", "send", consumer, 420, 60, under(t.newSpanID()))
}

// names is what names may be: long, of other scripts, like markup, empty.
func names(m *maker) {
	t := m.trace(0)
	columns := strings.Repeat("o.column_with_a_long_name, ", 160)
	a := t.add(nil, "a-very-long-service-name-that-someone-made-from-team-and-product-and-environment-eu-central-1-prod",
		"GET /api/v3/tenants/{tenantId}/workspaces/{workspaceId}/projects/{projectId}/environments/{environmentId}/deployments/{deploymentId}/artifacts/{artifactId}/download", server, 0, 90)
	b := t.add(a, "orders", "com.acme.platform.checkout.orders.application.usecases.CreateOrderFromCartWithDiscountsAndLoyaltyPointsUseCaseImpl$$SpringCGLIB$$0.executeWithRetryAndCircuitBreakerAndTimeLimiter", internal, 4, 80)
	t.add(b, "orders", "SELECT "+columns+" FROM orders o\n  JOIN lines l ON l.order_id = o.id\nWHERE o.id = $1", client, 10, 30, sql("postgresql", "SELECT "+columns))
	t.add(b, "طلبات", "معالجة الطلب 🚀 <script>alert(1)</script> & \"quotes\"", internal, 45, 20)
	t.add(b, "", "", internal, 70, 5)
}

// zero has spans without a duration, that end before they start, and that start after their
// parent's end.
func zero(m *maker) {
	t := m.trace(0)
	root := t.add(nil, "x", "root", internal, 0, 10)
	t.add(root, "x", "instant", internal, 5, 0)
	t.add(root, "x", "backwards", internal, 8, -3)
	t.add(root, "x", "after parent", internal, 20, 5)
}

// allZero lasts no time.
func allZero(m *maker) {
	t := m.trace(0)
	root := t.add(nil, "x", "zero root", internal, 0, 0)
	t.add(root, "x", "zero child", internal, 0, 0)
}
