package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/demo/process"
)

// sending is a way in which SDKs and collectors send.
type sending struct {
	spans       int // a request
	connections int
	rate        int // spans a second, all connections together; 0: as fast as they are answered
	seconds     int // for a rate: how long
}

// sendings are what is measured: a collector, SDKs, and services that have little to say.
var sendings = []sending{{spans: 800, connections: 4}, {spans: 20, connections: 32}, {spans: 20, connections: 4, rate: 1000, seconds: 30}, {spans: 20, connections: 4, rate: 100, seconds: 30}}

// otlp measures each way of sending against programs of their own.
func otlp(ctx context.Context, spans int, bin string) error {
	for _, s := range sendings {
		n := spans
		if s.rate > 0 {
			n = s.rate * s.seconds
		} else if s.spans < 100 {
			n = spans / 4 // requests cost more than spans
		}
		if err := s.measure(ctx, n, bin); err != nil {
			return err
		}
	}
	return nil
}

// measure sends spans to a real agent, which takes them to a real server with the embedded
// store, and counts the CPU seconds of each until all are on disk and acknowledged, and
// merges have ended.
func (s sending) measure(ctx context.Context, spans int, bin string) error {
	dir, err := os.MkdirTemp("", "throughline-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ports, err := freePorts(4)
	if err != nil {
		return err
	}
	at := func(i int) string { return "127.0.0.1:" + strconv.Itoa(ports[i]) }
	program := filepath.Join(bin, "throughline")
	server, err := start(dir, "server", program, "server", "--data-dir", filepath.Join(dir, "data"),
		"--listen-grpc", "unix://"+filepath.Join(dir, "s.sock"), "--listen-http", at(0))
	if err != nil {
		return err
	}
	defer server.stop()
	if err := server.await(ctx, "http://"+at(0)+"/healthz"); err != nil {
		return err
	}
	agent, err := start(dir, "agent", program, "agent", "--node", "bench", "--server", "unix://"+filepath.Join(dir, "s.sock"),
		"--state-dir", filepath.Join(dir, "state"), "--sys-variant", "off", "--net", "off",
		"--otlp-http", at(1), "--otlp-grpc", at(2), "--otlp-native", at(3))
	if err != nil {
		return err
	}
	defer agent.stop()
	url := "http://" + at(1) + "/v1/traces"
	if err := agent.await(ctx, url); err != nil {
		return err
	}
	store, err := process.Child(server.cmd.Process.Pid, "throughline-sto")
	if err != nil {
		return err
	}
	body, err := request(s.spans)
	if err != nil {
		return err
	}
	pace := "as fast as they are answered"
	if s.rate > 0 {
		pace = fmt.Sprintf("%d spans a second", s.rate)
	}
	fmt.Printf("\nOTLP to disk: %d spans, %d a request of %d bytes, %d connections, %s, each answered when its spans are on disk\n",
		spans, s.spans, len(body), s.connections, pace)
	pids := []int{agent.cmd.Process.Pid, server.cmd.Process.Pid, store}
	names := []string{"agent", "server", "store"}
	before := make([]float64, len(pids))
	for i, pid := range pids {
		if before[i], err = process.CPUSeconds(pid); err != nil {
			return err
		}
	}
	began := time.Now()
	if err := s.send(ctx, url, body, spans/s.spans); err != nil {
		return err
	}
	took := time.Since(began)
	peaks := make([]int64, len(pids))
	if err := quiet(ctx, store); err != nil {
		return err
	}
	for i, pid := range pids {
		if peaks[i], err = peakRSS(pid); err != nil {
			return err
		}
	}
	sum := 0.0
	fmt.Printf("%.1f s, %.0f spans/s; CPU seconds per million spans until quiet:", took.Seconds(), float64(spans)/took.Seconds())
	for i, pid := range pids {
		after, err := process.CPUSeconds(pid)
		if err != nil {
			return err
		}
		used := (after - before[i]) * 1e6 / float64(spans)
		sum += used
		fmt.Printf(" %s %.2f,", names[i], used)
	}
	fmt.Printf(" all %.2f\n", sum)
	if s.rate > 0 {
		fmt.Printf("cores while they came: %.3f; ", sum*float64(spans)/1e6/took.Seconds())
	}
	bytes, err := folderSize(filepath.Join(dir, "data"))
	if err != nil {
		return err
	}
	fmt.Printf("peak memory in MB: agent %d, server %d, store %d; bytes a span on disk: %d\n", peaks[0]>>20, peaks[1]>>20, peaks[2]>>20, bytes/int64(spans))
	return nil
}

// quiet waits until a process has used next to no processor for some seconds.
func quiet(ctx context.Context, pid int) error {
	last, still := 0.0, 0
	for still < 5 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
		now, err := process.CPUSeconds(pid)
		if err != nil {
			return err
		}
		if now-last < 0.05 {
			still++
		} else {
			still = 0
		}
		last = now
	}
	return nil
}

// peakRSS is the most memory a process had, in bytes.
func peakRSS(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb << 10, err
		}
	}
	return 0, errors.New("no VmHWM")
}

// folderSize is what the files below a folder take on disk; what goes while it is counted
// does not count.
func folderSize(dir string) (total int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return ignoreGone(err)
		}
		info, err := d.Info()
		if err != nil {
			return ignoreGone(err)
		}
		total += info.Sys().(*syscall.Stat_t).Blocks * 512
		return nil
	})
	return total, err
}

func ignoreGone(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// send posts the request again and again, its ids and times made new each time.
func (s sending) send(ctx context.Context, url string, body []byte, requests int) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: s.connections}}
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	errs := make(chan error, s.connections)
	next := make(chan int)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for range s.connections {
		wg.Add(1)
		go func() {
			defer wg.Done()
			mine := bytes.Clone(body)
			for n := range next {
				renew(mine, uint64(n))
				if err := post(ctx, client, url, mine); err != nil {
					errs <- err
					cancel()
					return
				}
			}
		}()
	}
	var pace <-chan time.Time
	if s.rate > 0 {
		ticker := time.NewTicker(time.Second * time.Duration(s.spans) / time.Duration(s.rate))
		defer ticker.Stop()
		pace = ticker.C
	}
	for n := range requests {
		if pace != nil {
			<-pace
		}
		select {
		case next <- n + 1:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	wg.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return ctx.Err()
	}
}

func post(ctx context.Context, client *http.Client, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", resp.Status, text)
	}
	return nil
}

// marker stands where an id gets its number, which makes it new.
var marker = []byte{0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6}

func renew(body []byte, n uint64) {
	for at := 0; ; {
		i := bytes.Index(body[at:], marker)
		if i < 0 {
			return
		}
		at += i + len(marker)
		binary.BigEndian.PutUint32(body[at:], uint32(n)) // ids are marker, number, place
	}
}

// request is a body of spans as SDKs send them: 12 attributes, some 520 bytes each.
func request(spans int) ([]byte, error) {
	text := func(k, v string) *commonpb.KeyValue {
		return &commonpb.KeyValue{Key: k, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: v}}}
	}
	number := func(k string, v int64) *commonpb.KeyValue {
		return &commonpb.KeyValue{Key: k, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: v}}}
	}
	traceID := func(place int) []byte {
		return binary.BigEndian.AppendUint16(append(bytes.Clone(marker), make([]byte, 8)...), uint16(place))
	}
	spanID := func(place int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(place)) }
	now := uint64(time.Now().UnixNano())
	scope := &tracepb.ScopeSpans{Scope: &commonpb.InstrumentationScope{Name: "bench", Version: "1"}}
	for i := range spans {
		scope.Spans = append(scope.Spans, &tracepb.Span{
			TraceId: traceID(i / 20), SpanId: spanID(i + 1), ParentSpanId: spanID(i/20*20 + 1), Name: "GET /items/{id}", Kind: tracepb.Span_SPAN_KIND_SERVER,
			StartTimeUnixNano: now + uint64(i)*1000, EndTimeUnixNano: now + uint64(i)*1000 + 500_000,
			Attributes: []*commonpb.KeyValue{
				text("http.request.method", "GET"), text("url.path", "/items/"+strconv.Itoa(i%100)), text("url.scheme", "http"),
				text("http.route", "/items/{id}"), number("http.response.status_code", 200), text("server.address", "svc-item"), number("server.port", 8080),
				text("network.peer.address", "10.244.0.10"), number("network.peer.port", int64(30000+i)), text("user_agent.original", "Go-http-client/1.1"),
				text("network.protocol.version", "1.1"), text("user.id", "user-"+strconv.Itoa(i%50)),
			},
		})
	}
	return proto.Marshal(&tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{
		Resource: &resourcepb.Resource{Attributes: []*commonpb.KeyValue{
			text("service.name", "bench"), text("telemetry.sdk.language", "go"), text("host.name", "bench"), text("k8s.pod.ip", "10.244.1.10")}},
		ScopeSpans: []*tracepb.ScopeSpans{scope},
	}}})
}

// program is one of ours, running.
type program struct {
	cmd *exec.Cmd
	log string
}

func start(dir, name string, argv ...string) (*program, error) {
	p := &program{cmd: exec.Command(argv[0], argv[1:]...), log: filepath.Join(dir, name+".log")}
	log, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return p, p.cmd.Start()
}

func (p *program) stop() {
	p.cmd.Process.Signal(syscall.SIGTERM)
	p.cmd.Wait()
}

// await waits until the program answers, whatever it answers.
func (p *program) await(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		resp, err := http.Get(url)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode < http.StatusInternalServerError {
				return nil
			}
			err = errors.New(resp.Status)
		}
		select {
		case <-ctx.Done():
			log, _ := os.ReadFile(p.log)
			return fmt.Errorf("%s: %w\n%s", url, err, log)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func freePorts(n int) (ports []int, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
