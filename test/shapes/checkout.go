package shapes

import (
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
)

// order is how a checkout goes.
type order struct {
	slower float64 // milliseconds that the payment takes longer
	fails  bool    // the payment is refused
}

const (
	refused      = "payment refused: invalid token"
	notCharged   = "failed to charge card: " + refused
	exceptionErr = "java.lang.IllegalStateException"
)

// errs is the status of the spans above the payment.
func (o order) errs(message string) option {
	if !o.fails {
		return attributes()
	}
	return failed(message)
}

func (o order) http(address string, more ...any) option {
	code := 200
	if o.fails {
		code = 500
	}
	return httpRequest(address, "POST", "/api/checkout", code, more...)
}

// checkout is an order through a shop of services: gRPC and HTTP, a proxy, databases old
// and new in convention, and a topic whose consumers work on after the answer.
func checkout(t *trace, o order) {
	total := 210 + o.slower
	load := t.add(nil, "load-generator", "user_checkout_multi", internal, 0, total+12)
	post := t.add(load, "load-generator", "POST", client, 2, total+8, o.http("frontend-proxy"), o.errs(""))
	ingress := t.add(post, "frontend-proxy", "ingress", server, 3, total+6, o.http("frontend-proxy", "upstream_cluster.name", "frontend", "response_flags", "-"))
	egress := t.add(ingress, "frontend-proxy", "router frontend egress", client, 3.4, total+5, o.http("frontend"))
	frontend := t.add(egress, "frontend", "POST /api/checkout", server, 4.5, total+3, o.http("frontend"), o.errs("charge failed"))
	route := t.add(frontend, "frontend", "executing api route (pages) /api/checkout", internal, 5, total+2, o.errs(""))
	status := 0
	if o.fails {
		status = 13
	}
	place, at := t.call(route, "frontend", "checkout", "shop.CheckoutService", "PlaceOrder", 7, total-4, status, o.errs(notCharged))
	prepare(t, place, at)
	o.charge(t, place, at)
	if !o.fails {
		o.afterwards(t, place, at+o.slower)
	}
}

// call is a gRPC call: a CLIENT span, and the SERVER span in it, which is returned with its
// start. Way is the time on the network in one direction.
func (t *trace) call(parent *otlp.Span, from, to, service, method string, start, duration float64, code int, with ...option) (*otlp.Span, float64) {
	const way = 0.6
	name := service + "/" + method
	c := t.add(parent, from, name, client, start, duration, append([]option{rpc(service, method, code)}, with...)...)
	return t.add(c, to, name, server, start+way, duration-2*way, append([]option{rpc(service, method, code)}, with...)...), start + way
}

// prepare gets the cart, its products one by one, and what shipping them costs.
func prepare(t *trace, place *otlp.Span, begin float64) {
	p := t.add(place, "checkout", "prepareOrderItemsAndShippingQuoteFromCart", internal, begin+1, 112, attributes("app.cart.items.count", 4))
	cart, at := t.call(p, "checkout", "cart", "shop.CartService", "GetCart", begin+1.5, 9, 0)
	t.add(cart, "cart", "HGET", client, at+1, 4, oldSQL("redis", "HGET 6d1e1f0c cart", "net.peer.name", "valkey-cart"))
	next := begin + 11.5
	for _, product := range []string{"lamp", "tent", "scope", "mat"} {
		s, at := t.call(p, "checkout", "product-catalog", "shop.ProductCatalogService", "GetProduct", next, 7, 0)
		t.add(s, "product-catalog", "SELECT products", client, at+1, 3.5,
			sql("postgresql", "SELECT p.id, p.name, p.description, p.picture, p.price_units, p.price_nanos, p.categories FROM catalog.products p WHERE p.id = '"+product+"'", "app.product.id", product))
		t.call(p, "checkout", "currency", "shop.CurrencyService", "Convert", next+7.6, 4.5, 0)
		next += 13
	}
	shipping, at := t.call(p, "checkout", "shipping", "shop.ShippingService", "GetQuote", next+1, 44, 0)
	c := t.add(shipping, "shipping", "POST", client, at+1, 40, httpRequest("quote", "POST", "/getquote", 200))
	quote := t.add(c, "quote", "POST /getquote", server, at+2.2, 37, httpRequest("quote", "POST", "/getquote", 200))
	t.add(quote, "quote", "calculate-quote", internal, at+3, 33, attributes("app.quote.items.count", 4),
		event(1, "quote begun"), event(32, "quote made", "app.quote.cost.total", 44.4))
}

// charge asks for the money.
func (o order) charge(t *trace, place *otlp.Span, begin float64) {
	duration, code := 38+o.slower, 0
	if o.fails {
		duration, code = 12, 2
	}
	payment, at := t.call(place, "checkout", "payment", "shop.PaymentService", "Charge", begin+118, duration, code, o.errs(refused))
	outcome := event(1, "transaction processed", "app.transaction.id", "4be8c6c2a7a1d6f0")
	if o.fails {
		outcome = exception(duration-5, exceptionErr, refused)
	}
	t.add(payment, "payment", "charge", internal, at+1, duration-4,
		attributes("app.payment.card_type", "visa", "app.loyalty.level", "gold", "app.payment.amount", 1290.5), o.errs(refused), outcome)
}

// afterwards ships what was paid for, and tells others of it.
func (o order) afterwards(t *trace, place *otlp.Span, begin float64) {
	t.call(place, "checkout", "shipping", "shop.ShippingService", "ShipOrder", begin+158, 6, 0)
	t.call(place, "checkout", "cart", "shop.CartService", "EmptyCart", begin+165, 6, 0)
	c := t.add(place, "checkout", "POST", client, begin+172, 20, httpRequest("email", "POST", "/send_order_confirmation", 200))
	t.add(c, "email", "POST /send_order_confirmation", server, begin+173, 17, httpRequest("email", "POST", "/send_order_confirmation", 200))
	p := t.add(place, "checkout", "orders publish", producer, begin+193, 3, topic("kafka", "orders", "publish"))
	a := t.add(p, "accounting", "orders receive", consumer, begin+480, 160, topic("kafka", "orders", "receive", "messaging.kafka.message.offset", 918))
	t.add(a, "accounting", "INSERT orders", client, begin+500, 120, sql("postgresql", "INSERT INTO orders (id, data) VALUES ($1, $2)"))
	t.add(p, "fraud-detection", "orders process", consumer, begin+260, 1400, topic("kafka", "orders", "process"))
}
