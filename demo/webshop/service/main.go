// Command throughline-webshop is one service of the WebShop demo, told by its environment
// which one and how: WEBSHOP_LISTEN, WEBSHOP_DATABASE, WEBSHOP_BREAK and the OpenTelemetry
// SDK's own variables.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/throughline-io/throughline/demo/webshop/shop"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	name := os.Getenv("OTEL_SERVICE_NAME")
	cfg := shop.Config{
		Listen:   os.Getenv("WEBSHOP_LISTEN"),
		Database: os.Getenv("WEBSHOP_DATABASE"),
		Break:    shop.Break(os.Getenv("WEBSHOP_BREAK")),
	}
	if err := shop.Run(ctx, name, cfg, func() { fmt.Println("ready") }); err != nil {
		fmt.Fprintln(os.Stderr, "throughline-webshop:", err)
		os.Exit(1)
	}
}
