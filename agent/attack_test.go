package agent_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// What a hostile pod can send, beside senders that are honest: the real program stays below 400 MiB
// with 64 MiB of room for OTLP, and each honest request is answered with 200.
func TestHostileSendersTakeNoMemoryAndNoRoom(t *testing.T) {
	binary := theProgram(t)
	for name, attack := range map[string]func(*attacker){
		"small bodies of empty events and links":  (*attacker).emptyEvents,
		"small bodies of words":                   (*attacker).words,
		"small bodies of arrays in one another":   (*attacker).nested,
		"compressed bodies that stall":            (*attacker).stalledBodies,
		"gRPC messages that stall before the end": (*attacker).stalledMessages,
	} {
		t.Run(name, func(t *testing.T) {
			p := startProgram(t, binary)
			ctx, cancel := context.WithCancel(t.Context())
			a := &attacker{t: t, ctx: ctx, http: p.http, grpc: p.grpc}
			attack(a)
			p.honest(t, "127.0.0.9", 50)
			cancel()
			a.wg.Wait()
			if kib := p.peak(t); kib > 400<<10 {
				t.Errorf("the agent took %d MiB", kib>>10)
			} else {
				t.Logf("the agent took %d MiB; %s", kib>>10, a.said())
			}
		})
	}
}

// program is a running agent.
type program struct {
	cmd        *exec.Cmd
	http, grpc string
}

func startProgram(t *testing.T, binary string) *program {
	t.Helper()
	p := &program{http: freeAddress(t), grpc: freeAddress(t)}
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	p.cmd = exec.Command(binary, "agent", "--node", "node0", "--server", newServer(t).address, "--sys-variant", "off", "--net", "off",
		"--otlp-http", p.http, "--otlp-grpc", p.grpc, "--otlp-native", "", "--otlp-memory", "64")
	p.cmd.Stderr = log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		p.cmd.Wait()
	})
	eventually(t, "the agent listens", func() bool {
		c, err := net.Dial("tcp", p.http)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return p
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// honest sends requests one after the other, from an address of its own.
func (p *program) honest(t *testing.T, from string, requests int) {
	t.Helper()
	client := clientFrom(from)
	for i := range requests {
		answer, err := client.Post("http://"+p.http+"/v1/traces", "application/json", strings.NewReader(oneSpan))
		if err != nil {
			t.Fatalf("honest request %d: %v", i, err)
		}
		said, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("honest request %d: %s %s", i, answer.Status, said)
		}
		time.Sleep(20 * time.Millisecond) // they come all the while
	}
}

// peak is the most memory that the program had, in KiB.
func (p *program) peak(t *testing.T) (kib int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(after, &kib); !found || err != nil {
		t.Fatalf("no peak in %s: %v", status, err)
	}
	return kib
}

func clientFrom(address string) *http.Client {
	dial := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{DialContext: dial.DialContext}}
}

type attacker struct {
	t          *testing.T
	ctx        context.Context
	http, grpc string
	wg         sync.WaitGroup

	mu      sync.Mutex
	answers map[string]int
}

func (a *attacker) said() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return fmt.Sprint("attackers were told ", a.answers)
}

func (a *attacker) told(what string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.answers == nil {
		a.answers = map[string]int{}
	}
	a.answers[what]++
}

// field is a protobuf field of bytes.
func field(number int, payload ...byte) []byte {
	return append(binary.AppendUvarint([]byte{byte(number<<3 | 2)}, uint64(len(payload))), payload...)
}

// spanWith is a request with a span of these further fields.
func spanWith(fields []byte) []byte {
	s := append(append(field(1, []byte("0123456789abcdef")...), field(2, []byte("span0001")...)...), 7<<3|1, 1, 0, 0, 0, 0, 0, 0, 0)
	return field(2, append(s, fields...)...)
}

func request(spans []byte) []byte { return field(1, field(2, spans...)...) }

func small(body []byte) []byte {
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	z.Write(body)
	z.Close()
	return out.Bytes()
}

// floods sends a body again and again, from 8 connections.
func (a *attacker) floods(contentType string, body []byte) {
	body = small(body)
	a.t.Logf("a body of %d KiB", len(body)>>10)
	client := clientFrom("127.0.0.1")
	for range 8 {
		a.wg.Go(func() {
			for a.ctx.Err() == nil {
				req, err := http.NewRequestWithContext(a.ctx, http.MethodPost, "http://"+a.http+"/v1/traces", bytes.NewReader(body))
				if err != nil {
					return
				}
				req.Header.Set("Content-Type", contentType)
				req.Header.Set("Content-Encoding", "gzip")
				if answer, err := client.Do(req); err == nil {
					io.Copy(io.Discard, answer.Body)
					answer.Body.Close()
					a.told(answer.Status)
				}
			}
		})
	}
}

func (a *attacker) emptyEvents() {
	extra := append(bytes.Repeat(field(11), 2000), bytes.Repeat(field(13), 2000)...)
	a.floods("application/x-protobuf", request(bytes.Repeat(spanWith(extra), (15<<20)/len(extra)-100)))
}

func (a *attacker) words() {
	var spans []byte
	for i := 0; len(spans) < 14<<20; i++ {
		spans = append(spans, spanWith(append(field(5, fmt.Append(nil, i)...), field(9, field(1, fmt.Append(nil, "k", i)...)...)...))...)
	}
	a.floods("application/x-protobuf", request(spans))
}

func (a *attacker) nested() {
	value := `{"stringValue":"` + strings.Repeat(`\u0001`, 300_000) + `"}`
	for range 30 {
		value = `{"arrayValue":{"values":[` + value + `]}}`
	}
	one := `{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","startTimeUnixNano":"1","attributes":[{"key":"a","value":` + value + `}]}`
	a.floods("application/json", []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[`+strings.Repeat(one+",", 6)+one+`]}]}]}`))
}

// stalledBodies are compressed bodies of which all but the last bytes come.
func (a *attacker) stalledBodies() {
	body := small(make([]byte, 30<<20))
	for range 24 {
		a.wg.Go(func() {
			for a.ctx.Err() == nil {
				c, err := net.Dial("tcp", a.http)
				if err != nil {
					return
				}
				stop := context.AfterFunc(a.ctx, func() { c.Close() })
				fmt.Fprintf(c, "POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-protobuf\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n", len(body))
				c.Write(body[:len(body)-8])
				answer, _ := io.ReadAll(io.LimitReader(c, 12))
				a.told(string(answer))
				stop()
				c.Close()
			}
		})
	}
}

// stalledMessages are gRPC calls whose message never ends, from 30 connections.
func (a *attacker) stalledMessages() {
	for range 30 {
		a.wg.Go(func() {
			protocols := new(http.Protocols)
			protocols.SetUnencryptedHTTP2(true)
			client := &http.Client{Transport: &http.Transport{Protocols: protocols}}
			defer client.CloseIdleConnections()
			for a.ctx.Err() == nil {
				most := make([]byte, 14<<20)
				binary.BigEndian.PutUint32(most[1:], 15<<20)
				end, never := io.Pipe()
				stop := context.AfterFunc(a.ctx, func() { never.Close() })
				req, err := http.NewRequestWithContext(a.ctx, http.MethodPost, "http://"+a.grpc+"/opentelemetry.proto.collector.trace.v1.TraceService/Export", io.MultiReader(bytes.NewReader(most), end))
				if err != nil {
					return
				}
				req.Header.Set("Content-Type", "application/grpc")
				if answer, err := client.Do(req); err == nil {
					io.Copy(io.Discard, answer.Body)
					answer.Body.Close()
					a.told("grpc-status " + answer.Trailer.Get("Grpc-Status"))
				}
				stop()
				never.Close()
			}
		})
	}
}
