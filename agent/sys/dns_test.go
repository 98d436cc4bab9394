package sys

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// dnsmasq starts a server that is bound to no address, and says its own.
func (b *bed) dnsmasq() string {
	b.t.Helper()
	exe, err := exec.LookPath("dnsmasq")
	if err != nil {
		b.t.Fatal("no dnsmasq: install dnsmasq-base")
	}
	args := []string{"--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root", "--pid-file=", "--local=/test/",
		"--host-record=shop.test,10.9.8.7,fd00::7", "--cname=alias.test,shop.test", "--host-record=musl.test,10.9.8.6,fd00::6"}
	for i := range 12 {
		args = append(args, fmt.Sprintf("--txt-record=long.test,%d%s", i, strings.Repeat("x", 200)))
	}
	cmd := exec.Command(exe, args...)
	server := b.run(cmd)
	b.t.Cleanup(func() { // before the program's own clean-up
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		server.cmd = nil
	})
	const address = "127.0.0.1:53" // the namespace is ours
	b.untilListens(53)             // and by UDP
	return address
}

// A DNS server, and resolvers that nobody changed: Go's, 16 at once, glibc's, which asks for both kinds of addresses by one
// system call, and c-ares in Node. As many sessions are seen at both ends as were asked.
func TestDNS(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		address := b.dnsmasq()
		client := b.start("dns-client", addressVariable+"="+address)
		s := b.capture(v)
		client.tell(5)
		var n int
		client.read(&n)

		const others = 3
		resolv := filepath.Join(t.TempDir(), "resolv.conf")
		if err := os.WriteFile(resolv, []byte("nameserver 127.0.0.1\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, command := range [][]string{
			{"unshare", "-m", "sh", "-c", "mount --bind " + resolv + " /etc/resolv.conf && for i in 1 2 3; do getent ahosts shop.test. || exit 1; done"},
			{"node", "-e", "const r = new (require('dns').promises.Resolver)(); r.setServers(['127.0.0.1']); (async () => { for (let i = 0; i < 3; i++) await r.resolve4('shop.test') })()"},
		} {
			var text []byte
			var err error
			b.in(func() { text, err = exec.Command(command[0], command[1:]...).CombinedOutput() })
			if err != nil {
				t.Fatalf("%v: %v\n%s", command, err, text)
			}
		}
		want := map[string]int{
			"A alias.test ok 0 17":           n,
			"AAAA alias.test ok 0 17":        n,
			"MX none.test client error 3 17": n,
			"TXT long.test ok 0 17":          n, // is told to come again
			"TXT long.test ok 0 6":           n,
			"A musl.test ok 0 17":            n,
			"AAAA musl.test ok 0 17":         n,
			"A shop.test ok 0 17":            2 * others,
			"AAAA shop.test ok 0 17":         others,
		}
		wantSessions(t, s, "DNS", want, func(sp *span.Span) string {
			return fmt.Sprint(sp.Type, " ", sp.Resource, " ", sp.Status, " ", sp.Code, " ", sp.Transport)
		})
		for _, sp := range s.matching(func(sp *span.Span) bool { return sp.Type == "AAAA" && sp.Resource == "alias.test" }) {
			if got := fmt.Sprint(sp.Attributes); !strings.Contains(got, `dns.answers ["fd00::7"]`) || !strings.Contains(got, "throughline.dns.alias shop.test") {
				t.Fatalf("attributes %s", got)
			}
		}
	})
}
