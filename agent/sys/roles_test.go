package sys

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"

	_ "github.com/go-sql-driver/mysql"
	"golang.org/x/sys/unix"
)

var roles = map[string]role{"http-server": httpServer, "http-client": httpClient, "echo": echo,
	"mixed": mixed, "blocking-server": blockingServer, "odd-calls": oddCalls, "duplicates": duplicates, "half-closed": halfClosed, "go-layout": goLayoutChild, "cost": cost, "observer": observer, "local-noise": localNoise, "grpc-server": grpcServer, "grpc-client": grpcClient, "postgres-client": postgresClient,
	"postgres-slow-client": postgresSlowClient, "redis-client": redisClient, "redis-pipelines": redisPipelines}

const (
	addressVariable  = "THROUGHLINE_SYS_TEST_ADDRESS"
	databaseVariable = "THROUGHLINE_SYS_TEST_DATABASE"
	backendVariable  = "THROUGHLINE_SYS_TEST_BACKEND"
	http2Variable    = "THROUGHLINE_SYS_TEST_HTTP2"  // anything: HTTP/2 in clear is spoken, too
	tlsVariable      = "THROUGHLINE_SYS_TEST_TLS"    // certificate and key, with a colon between, of a server that speaks TLS
	socketVariable   = "THROUGHLINE_SYS_TEST_SOCKET" // AF_UNIX, that a client asks by
)

// inClientsTLS is how a client speaks TLS to a server of the test; nil: it is to speak in clear.
func inClientsTLS() *tls.Config {
	if os.Getenv(tlsVariable) == "" {
		return nil
	}
	return &tls.Config{InsecureSkipVerify: true, ServerName: serverName}
}

// eachTime does something for each number that a role is told, and says what came of it, until its input ends.
func eachTime(in io.Reader, out *json.Encoder, do func(times int) (any, error)) error {
	for told := json.NewDecoder(in); ; {
		var times int
		if err := told.Decode(&times); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		came, err := do(times)
		if err == nil {
			err = out.Encode(came)
		}
		if err != nil {
			return err
		}
	}
}

// besides does something so many times beside each other.
func besides(many int, do func(i int) error) error {
	failed := make([]error, many)
	var wg sync.WaitGroup
	for i := range failed {
		wg.Go(func() { failed[i] = do(i) })
	}
	wg.Wait()
	return errors.Join(failed...)
}

// goid is the id of the running goroutine, as the runtime prints it.
func goid() uint64 {
	var stack [64]byte
	runtime.Stack(stack[:], false)
	id, _ := strconv.ParseUint(strings.Fields(string(stack[:]))[1], 10, 64) // "goroutine 17 [running]:"
	return id
}

// httpServer serves until its input ends. It says its address first. Each answer names the
// goroutine that handled the request.
func httpServer(in *bufio.Reader, out *json.Encoder) error {
	network, address := "tcp", cmp.Or(os.Getenv(addressVariable), "127.0.0.1:0")
	if strings.ContainsAny(address[:1], "/@") {
		network = "unix"
	}
	l, err := net.Listen(network, address)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter) { w.Header().Set("X-Goid", strconv.FormatUint(goid(), 10)) }
	mux.HandleFunc("/small/", func(w http.ResponseWriter, r *http.Request) {
		answer(w)
		io.WriteString(w, "ok")
	})
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		answer(w)
		n, _ := io.Copy(io.Discard, r.Body)
		fmt.Fprintf(w, "%d bytes", n)
	})
	big := bytes.Repeat([]byte("0123456789abcdef"), 200<<10/16)
	mux.HandleFunc("/big", func(w http.ResponseWriter, r *http.Request) {
		answer(w)
		w.Header().Set("Content-Length", strconv.Itoa(len(big)))
		w.Write(big)
	})
	mux.HandleFunc("/chunked", func(w http.ResponseWriter, r *http.Request) {
		answer(w)
		w.Write(big)
	})
	mux.HandleFunc("/flush", func(w http.ResponseWriter, r *http.Request) {
		answer(w)
		io.WriteString(w, "early ")
		w.(http.Flusher).Flush()
		io.WriteString(w, "late")
	})
	release := make(chan struct{})
	mux.HandleFunc("/wait", func(w http.ResponseWriter, r *http.Request) {
		answer(w)
		<-release
	})
	mux.HandleFunc("/release", func(w http.ResponseWriter, r *http.Request) { release <- struct{}{} })
	mux.HandleFunc("/never", func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
	})
	if backend := os.Getenv(backendVariable); backend != "" {
		callBackend(mux, backend)
	}
	if database := os.Getenv(databaseVariable); database != "" {
		db, err := openDatabase(database)
		if err != nil {
			return err
		}
		mux.HandleFunc("/sql", func(w http.ResponseWriter, r *http.Request) {
			answer(w)
			for _, side := range []string{"first", "second"} {
				if _, err := db.ExecContext(r.Context(), fmt.Sprintf("SET @%s = '%s'", side, r.URL.RequestURI())); err != nil {
					http.Error(w, err.Error(), http.StatusInternalServerError)
				}
			}
		})
	}
	if err := out.Encode(l.Addr().String()); err != nil {
		return err
	}
	server := &http.Server{Handler: mux}
	if os.Getenv(http2Variable) != "" {
		server.Protocols = new(http.Protocols)
		server.Protocols.SetHTTP1(true)
		server.Protocols.SetUnencryptedHTTP2(true)
	}
	go func() {
		in.ReadByte()
		server.Close()
	}()
	if cert, key, ok := strings.Cut(os.Getenv(tlsVariable), ":"); ok {
		if server.Protocols != nil {
			server.Protocols.SetHTTP2(true)
		}
		server.ErrorLog = log.New(io.Discard, "", 0) // of connections that are only tried
		if err := server.ServeTLS(l, cert, key); err != http.ErrServerClosed {
			return err
		}
		return nil
	}
	if err := server.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// openDatabase fills a pool, so that no request has to connect.
func openDatabase(address string) (*sql.DB, error) {
	const connections = 16
	db, err := sql.Open("mysql", "root@tcp("+address+")/")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	var held []*sql.Conn
	for range connections {
		c, err := db.Conn(context.Background())
		if err != nil {
			return nil, err
		}
		held = append(held, c)
	}
	for _, c := range held {
		c.Close()
	}
	return db, nil
}

// blockingServer answers one request on a thread that waits for it in recvfrom.
func blockingServer(in *bufio.Reader, out *json.Encoder) error {
	l, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	if err := unix.Bind(l, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return err
	}
	if err := unix.Listen(l, 1); err != nil {
		return err
	}
	name, err := unix.Getsockname(l)
	if err != nil {
		return err
	}
	if err := out.Encode(fmt.Sprintf("127.0.0.1:%d", name.(*unix.SockaddrInet4).Port)); err != nil {
		return err
	}
	fd, _, err := unix.Accept(l)
	if err != nil {
		return err
	}
	buffer := make([]byte, 4096)
	if _, _, err := unix.Recvfrom(fd, buffer, 0); err != nil {
		return err
	}
	_, err = unix.Write(fd, []byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
	in.ReadByte()
	return err
}

// connection is one of the process with itself: as its client has it, and its server.
func connection() (client, server net.Conn, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
		return nil, nil, err
	}
	server, err = l.Accept()
	return client, server, err
}

// echo sends messages to itself over a connection, and says how many calls moved bytes.
func echo(in *bufio.Reader, out *json.Encoder) error {
	client, server, err := connection()
	if err != nil {
		return err
	}
	if err := out.Encode(server.LocalAddr().String()); err != nil {
		return err
	}
	for jobs := json.NewDecoder(in); ; {
		var n int
		if err := jobs.Decode(&n); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		calls := 0
		message, buffer := bytes.Repeat([]byte("x"), 700), make([]byte, 4096)
		for range n {
			if _, err := client.Write(message); err != nil {
				return err
			}
			calls++
			for left := len(message); left > 0; calls++ {
				got, err := server.Read(buffer)
				if err != nil {
					return err
				}
				left -= got
			}
		}
		if err := out.Encode(calls); err != nil {
			return err
		}
	}
}
