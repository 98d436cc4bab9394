package shop

import (
	"context"
	"net/http"
)

// webShop is the front: one request that registers, logs in, looks for an item and orders
// it, one after the other.
func webShop(cfg Config) map[string]handler {
	client := newClient(cfg, nil)
	flow := func(ctx context.Context, name, method, url, body string) error {
		return nested(ctx, func(ctx context.Context) error { return call(ctx, client, method, url, body) },
			"FullTest."+name, "ShopClient."+name)
	}
	return map[string]handler{
		"GET /full-test": func(ctx context.Context, _ *http.Request) (any, error) {
			err := internal(ctx, "FullTestController.run", func(ctx context.Context) error {
				if err := flow(ctx, "register", "POST", "http://svc-user:8080/register", `{"name":"ada","password":"difference"}`); err != nil {
					return err
				}
				if err := flow(ctx, "login", "POST", "http://svc-user:8080/login", `{"name":"ada","password":"difference"}`); err != nil {
					return err
				}
				if err := flow(ctx, "findItem", "GET", "http://svc-item:8080/items", ""); err != nil {
					return err
				}
				return flow(ctx, "createOrder", "POST", "http://svc-order:8080/orders", `{"user":"ada","item":42,"count":1}`)
			})
			return map[string]bool{"ok": err == nil}, err
		},
	}
}
