package sys

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

func init() { roles["dns-client"] = dnsClient }

// dnsClient asks a server for names as often as it is told, 16 at once, by Go's own resolver: for both kinds of addresses, for
// a name that there is not, and for more than fits into a datagram. It also asks as musl does, for both kinds by one
// socket that is not connected. It says how often.
func dnsClient(in *bufio.Reader, out *json.Encoder) error {
	const atOnce = 16
	address := os.Getenv(addressVariable)
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	return eachTime(in, out, func(times int) (any, error) {
		return times * atOnce, besides(atOnce, func(int) (err error) {
			r := &net.Resolver{PreferGo: true, Dial: dial} // one would ask once for who asks at the same time
			for range times {
				err = errors.Join(err, askNames(r), askLikeMusl(address))
			}
			return err
		})
	})
}

func askNames(r *net.Resolver) error {
	ctx := context.Background()
	if found, err := r.LookupNetIP(ctx, "ip", "alias.test."); err != nil || len(found) != 2 {
		return errors.Join(err, io.ErrUnexpectedEOF)
	}
	var none *net.DNSError
	if _, err := r.LookupMX(ctx, "none.test."); !errors.As(err, &none) || !none.IsNotFound {
		return errors.Join(err, io.ErrUnexpectedEOF)
	}
	if text, err := r.LookupTXT(ctx, "long.test."); err != nil || len(text) < 10 {
		return errors.Join(err, io.ErrUnexpectedEOF)
	}
	return nil
}

// muslIDs are never the same twice: a port may be.
var muslIDs atomic.Uint32

func askLikeMusl(address string) error {
	to := &unix.SockaddrInet4{Port: 53, Addr: netip.MustParseAddrPort(address).Addr().As4()}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	for _, kind := range []byte{1, 28} {
		question := string(binary.BigEndian.AppendUint16(nil, uint16(muslIDs.Add(1)))) + "\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04musl\x04test\x00\x00" + string([]byte{kind}) + "\x00\x01"
		if err := unix.Sendto(fd, []byte(question), 0, to); err != nil {
			return err
		}
	}
	answer := make([]byte, 4800)
	for range 2 {
		if _, _, _, _, err := unix.Recvmsg(fd, answer, nil, 0); err != nil {
			return err
		}
	}
	return nil
}
