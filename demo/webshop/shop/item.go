package shop

import (
	"context"
	"net/http"
	"time"
)

// slowCode is what BreakCode adds to a look-up of items.
const slowCode = 200 * time.Millisecond

func item(cfg Config) map[string]handler {
	find := func(context.Context) error {
		if cfg.Break == BreakCode {
			time.Sleep(slowCode)
		}
		return nil
	}
	nothing := func(context.Context) error { return nil }
	return map[string]handler{
		"GET /items": func(ctx context.Context, _ *http.Request) (any, error) {
			return []map[string]any{{"id": 42, "name": "analytical engine"}}, nested(ctx, find, "ItemController.list", "ItemService.find")
		},
		"GET /items/{id}": func(ctx context.Context, r *http.Request) (any, error) {
			return map[string]any{"id": r.PathValue("id")}, nested(ctx, nothing, "ItemController.get", "ItemService.get")
		},
	}
}

func stock() map[string]handler {
	nothing := func(context.Context) error { return nil }
	return map[string]handler{
		"GET /stock/{id}": func(ctx context.Context, r *http.Request) (any, error) {
			return map[string]any{"id": r.PathValue("id"), "count": 7}, nested(ctx, nothing, "StockController.get", "StockService.count")
		},
	}
}
