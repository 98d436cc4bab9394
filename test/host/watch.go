package main

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"google.golang.org/grpc"

	"github.com/throughline-io/throughline/pkg/trace/tracetest"
	"github.com/throughline-io/throughline/pkg/wire"
)

// watch tells the server, as the nodes' agents do, that they look at the system calls and the
// packets of the shop's pods since a time: what was lost of its traces is missing.
func watch(ctx context.Context, client wire.IngestClient, since time.Time) error {
	addresses := map[string][]byte{} // by node
	for _, e := range tracetest.WebShopEntities() {
		ip, err := netip.ParseAddr(e.IP)
		if err != nil {
			return fmt.Errorf("address of pod %s: %w", e.Pod, err)
		}
		ip16 := ip.As16()
		addresses[e.Node] = append(addresses[e.Node], ip16[:]...)
	}
	for node, list := range addresses {
		report := &wire.ReportRequest{Agent: "agent-" + node, Node: node, Boot: 1, Started: since.UnixNano(), Now: time.Now().UnixNano(), Version: "fixture"}
		for _, source := range []string{"SYS", "NET"} {
			report.Watched = append(report.Watched, &wire.Watched{Source: source, Addresses: list, Since: since.UnixNano()})
		}
		if _, err := client.Report(ctx, report, grpc.WaitForReady(true)); err != nil {
			return fmt.Errorf("report what the agent of %s looks at: %w", node, err)
		}
	}
	return nil
}
