package main

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/test/kernel/report"
)

// Each kernel that was tried had the best hooks that docs/hooks.md says it takes.
func TestKernelsInTheDocumentHadTheHooksThatTheyTake(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", document))
	if err != nil {
		t.Fatal(err)
	}
	_, rows, _ := strings.Cut(string(text), mark("kernels"))
	rows, _, _ = strings.Cut(rows, "<!-- end -->")
	tried := 0
	for s := bufio.NewScanner(strings.NewReader(rows)); s.Scan(); {
		cells := strings.Split(s.Text(), "|")
		if len(cells) < 4 || !strings.Contains(cells[2], "`") || strings.Contains(cells[2], "sys-variant") {
			continue
		}
		tried++
		run := report.Run{Kernel: strings.TrimSpace(cells[1]), Variant: strings.Trim(cells[2], " `"), Hooks: strings.TrimSpace(cells[3])}
		if wrong := lesser(run); wrong != "" {
			t.Errorf("Linux %s: %s", run.Kernel, wrong)
		}
	}
	if tried == 0 {
		t.Errorf("%s has no table of kernels", document)
	}
}

func TestAKernelThatTakesLesserHooksFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		run   report.Run
		wrong bool
	}{
		{report.Run{Kernel: "6.12.118+deb13-cloud-amd64", Variant: "tp_btf", Hooks: "tp_btf"}, false},
		{report.Run{Kernel: "6.12.118+deb13-cloud-amd64", Variant: "tp_btf", Hooks: "tp_btf, probed reads"}, true},
		{report.Run{Kernel: "6.1.0-57-cloud-amd64", Variant: "tp_btf", Hooks: "tp_btf, probed reads"}, false},
		{report.Run{Kernel: "6.1.0-57-cloud-amd64", Variant: "tracepoint", Hooks: "tracepoint, probed reads, state in a hash map"}, true},
		{report.Run{Kernel: "5.10.0-46-cloud-amd64", Variant: "tracepoint", Hooks: "tracepoint, probed reads, state in a hash map, no goroutines"}, false},
		{report.Run{Kernel: "7.2.13+deb14-cloud-amd64", Variant: "tp_btf", Hooks: "tp_btf"}, true},
	} {
		if err := verdict([]report.Run{c.run}); (err != nil) != c.wrong {
			t.Errorf("Linux %s with %q: %v", c.run.Kernel, c.run.Hooks, err)
		}
	}
}
