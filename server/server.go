package server

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/wire"
	"github.com/throughline-io/throughline/server/apm"
	"github.com/throughline-io/throughline/server/control"
	"github.com/throughline-io/throughline/server/export"
	"github.com/throughline-io/throughline/server/ingest"
	"github.com/throughline-io/throughline/server/kube"
	"github.com/throughline-io/throughline/server/query"
	"github.com/throughline-io/throughline/server/tag"
)

const (
	maxPush = 64 << 20 // bytes of one push; agents send about 4 MiB
	// maxHeader bounds a request's head: statements with the places of a large trace as
	// parameters have 300 kB.
	maxHeader = 2 << 20
	// grace is what requests under way get to end when the server stops.
	grace = 10 * time.Second
	// connectionAge is after what time an agent is asked to connect anew, so that a server that is
	// added behind one address gets its share.
	connectionAge = 30 * time.Minute
	// directPushes is how many pushes wait for the store at a time where there is no log.
	directPushes = 256
	// entitiesEvery is how often the entity file is looked at.
	entitiesEvery = 2 * time.Second
	// forgetEvery is how often entities are stored anew: what the store once had it may have
	// lost to a restore from a backup.
	forgetEvery = time.Hour
)

// Server is a running server.
type Server struct {
	config  Config
	started time.Time
	boot    uint64

	entities *tag.File    // nil: none
	kube     *kube.Source // nil: none
	tagger   *tag.Tagger
	log      *pushLog // nil: pushes go to the store at once
	ingest   *ingest.Service
	control  *control.Control
	backend  *backend
	export   *export.Exporter // nil: nothing is exported
	apms     *apm.APMs        // nil: nobody is asked

	dropped  atomic.Uint64 // spans, by the limit of the store's size
	tooLarge bool          // one day is more than that limit; of keepSize

	grpc []*grpc.Server
	http []*http.Server
}

// Run serves until ctx ends, or until something fails for good.
func Run(ctx context.Context, c Config) error {
	if err := c.fill(); err != nil {
		return err
	}
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	if c.Token == "" && c.Auth != AuthNever {
		var err error
		if c.Token, err = token(c.DataDir); err != nil {
			return err
		}
	}
	s := &Server{config: c, started: time.Now(), boot: uint64(time.Now().UnixNano())}
	source, err := s.openSource()
	if err != nil {
		return err
	}

	if len(c.APMs) > 0 {
		if s.apms, err = apm.New(c.APMs); err != nil {
			return err
		}
		c.Log.Info("APMs are asked for code", "apms", s.apms.Names())
	}
	agents, readers, err := c.tlsConfigs()
	if err != nil {
		return err
	}
	grpcListeners, err := listenAll("agents'", c.GRPC)
	if err != nil {
		return err
	}
	defer closeAll(grpcListeners)
	httpListeners, err := listenAll("HTTP", c.HTTP)
	if err != nil {
		return err
	}
	defer closeAll(httpListeners)

	if c.Listening != nil {
		c.Listening(addresses(grpcListeners), addresses(httpListeners))
	}
	if s.backend, err = openBackend(ctx, &c); err != nil {
		return err
	}
	defer s.backend.close()
	stopWatching := s.watchKubernetes(ctx)
	defer stopWatching()
	s.tagger = tag.New(source, s.backend)
	if err := s.openIngest(); err != nil {
		return err
	}
	s.control = s.newControl()
	if s.log != nil {
		defer func() {
			if err := s.log.Close(); err != nil {
				c.Log.Warn("closing the log", "error", err)
			}
		}()
	}
	return s.serve(ctx, grpcListeners, httpListeners, agents, readers)
}

// openIngest opens the log, and what takes pushes into it; or what takes them to the store.
func (s *Server) openIngest() error {
	c := &s.config
	opt := ingest.Options{Logger: c.Log, MaxAge: c.Retention, Bytes: 2 * maxPush}
	if c.Export.URL != "" {
		var err error
		if s.export, err = export.New(c.Export, s.backend, func(ctx context.Context) { s.ingest.FreshNow(ctx) }); err != nil {
			return err
		}
		opt.Taken = s.export.Taken
	}
	if c.Direct {
		opt.Receiving, opt.Gather.Refused = directPushes, store.Refused
		s.ingest = ingest.New(s.backend, s.tagger, opt)
		return nil
	}
	var err error
	if s.log, err = openLog(c); err != nil {
		return err
	}
	opt.Log, opt.Journal = s.log, ingest.JournalOptions{FreshEvery: c.FreshEvery, Refused: store.Refused, TooLarge: store.TooLarge}
	s.ingest = ingest.New(s.backend, s.tagger, opt)
	if err := s.log.recall(s.ingest); err != nil {
		c.Log.Warn("not all is known of what an earlier run acknowledged; what agents send again may count twice in metrics", "error", err)
	}
	return nil
}

func listenAll(what string, addresses []string) ([]net.Listener, error) {
	var all []net.Listener
	for _, a := range addresses {
		l, err := listen(what, a)
		if err != nil {
			closeAll(all)
			return nil, err
		}
		all = append(all, l)
	}
	return all, nil
}

func addresses(ls []net.Listener) []net.Addr {
	var all []net.Addr
	for _, l := range ls {
		all = append(all, l.Addr())
	}
	return all
}

func closeAll(ls []net.Listener) {
	for _, l := range ls {
		l.Close()
	}
}

// serve runs all parts. They stop in the order of the way of the data: first the doors,
// then what gathers, then the ledger, last (by Run) the store.
func (s *Server) serve(ctx context.Context, grpcListeners, httpListeners []net.Listener, agentTLS, readerTLS *tls.Config) error {
	group, ctx := errgroup.WithContext(ctx)
	gathering, stopGathering := context.WithCancel(context.Background())
	gathered := make(chan struct{})
	go func() { defer close(gathered); s.ingest.Run(gathering) }()
	defer func() { stopGathering(); <-gathered }()

	for _, l := range grpcListeners {
		g := s.grpcServer(l)
		s.grpc = append(s.grpc, g)
		group.Go(func() error { return g.Serve(secured(l, agentTLS)) })
		s.config.Log.Info("agents may push", "address", l.Addr().String(), "token", s.config.asks(l), "tls", agentTLS != nil)
	}
	for _, l := range httpListeners {
		h := s.httpServer(l)
		s.http = append(s.http, h)
		group.Go(func() error {
			if err := h.Serve(secured(l, readerTLS)); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		})
		s.config.Log.Info("the API answers", "address", l.Addr().String(), "token", s.config.asks(l), "tls", readerTLS != nil)
	}
	group.Go(func() error { return s.keepStore(ctx) })
	group.Go(func() error { s.control.Run(ctx); return nil })
	group.Go(func() error { s.keepEntities(ctx); return nil })
	group.Go(func() error { s.keepSize(ctx); return nil })
	if s.export != nil {
		s.config.Log.Info("spans are exported", "to", s.config.Export.URL, "sources", s.config.Export.Sources)
		group.Go(func() error { s.export.Run(ctx); return nil })
	}
	group.Go(func() error {
		<-ctx.Done()
		s.config.Log.Info("stopping")
		s.control.Stop()
		s.stopDoors()
		stopGathering()
		<-gathered
		last, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		s.storeLedger(last)
		return nil
	})
	err := group.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (s *Server) grpcServer(l net.Listener) *grpc.Server {
	want := ""
	if s.config.asks(l) {
		want = s.config.Token
	}
	g := grpc.NewServer(append(ingest.RequireToken(want),
		ingest.AsItCame(),
		grpc.MaxRecvMsgSize(maxPush),
		grpc.MaxConcurrentStreams(64),
		// A fixed window of a stream, so that pushes that wait for their turn wait with the agent.
		grpc.InitialWindowSize(64<<10),
		grpc.InitialConnWindowSize(1<<20),
		// Agents ask every 20 s whether the server is there; the default would cut them off.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: time.Minute, Timeout: 20 * time.Second, MaxConnectionAge: connectionAge, MaxConnectionAgeGrace: time.Minute}),
	)...)
	s.ingest.Register(g)
	wire.RegisterControlServer(g, s.control)
	return g
}

func (s *Server) httpServer(l net.Listener) *http.Server {
	c := query.Config{
		Store: readable{s.backend, s.ingest}, APMs: s.apms, Fresh: s.ingest.Fresh, Ready: s.backend.Ready, Health: s.health, Status: s.status, Ledger: s.ledger,
		ClickHouse: s.backend.target, Token: s.config.Token, Guarded: s.config.asks(l), Log: s.config.Log,
		Control: s.control.Handler(), ControlPaths: control.Paths, ControlToken: s.config.ControlToken,
	}
	if _, tcp := l.Addr().(*net.TCPAddr); tcp && local(l) && !c.Guarded {
		c.Hosts = query.LoopbackHost
	}
	return &http.Server{
		Handler: query.New(c), ErrorLog: slog.NewLogLogger(s.config.Log.Handler(), slog.LevelDebug), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: maxHeader,
	}
}

// stopDoors lets calls under way end, for a while.
func (s *Server) stopDoors() {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	var group errgroup.Group
	for _, h := range s.http {
		group.Go(func() error {
			if err := h.Shutdown(ctx); err != nil {
				return h.Close()
			}
			return nil
		})
	}
	for _, g := range s.grpc {
		group.Go(func() error {
			stopped := make(chan struct{})
			go func() { g.GracefulStop(); close(stopped) }()
			select {
			case <-stopped:
			case <-ctx.Done():
				g.Stop()
			}
			return nil
		})
	}
	_ = group.Wait() // closing is all there is to do
}

// keepStore prepares the store and notes the ledger in it; it fails when the embedded
// store cannot run any more.
func (s *Server) keepStore(ctx context.Context) error {
	var gone <-chan struct{}
	if e := s.backend.engine; e != nil {
		gone = e.Done()
	}
	prepared := make(chan error, 1)
	go func() {
		err := s.backend.prepare(ctx)
		if err == nil {
			s.config.Log.Info("ready")
			s.restoreLedger(ctx)
		}
		prepared <- err
	}()
	tick := time.NewTicker(ledgerEvery)
	defer tick.Stop()
	defer func() { // never leave the goroutine behind a store that is being closed
		if prepared != nil {
			<-prepared
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-gone:
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("embedded store: %w", cmp.Or(s.backend.engine.Err(), errors.New("it stopped")))
		case err := <-prepared:
			prepared = nil
			if errors.Is(err, store.ErrNewer) {
				return fmt.Errorf("%w: start that one (docs/upgrade.md)", err)
			}
		case <-tick.C:
			s.storeLedger(ctx)
		case <-s.ingest.Agents().Changed():
			s.storeLedger(ctx)
		}
	}
}

// keepEntities reads the entity file again when it changes, or on SIGHUP.
func (s *Server) keepEntities(ctx context.Context) {
	if s.entities != nil {
		go s.entities.Watch(ctx, entitiesEvery, s.config.Log)
	}
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	forget := time.NewTicker(forgetEvery)
	defer forget.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-forget.C:
			s.tagger.Forget()
			s.backend.store.Forget()
		case <-hangup:
			if s.entities == nil {
				continue
			}
			if n, err := s.entities.Reload(); err != nil {
				s.config.Log.Error("the entity file is not taken, the last good one stays in force", "error", err)
			} else {
				s.config.Log.Info("entity file read again", "addresses", n)
			}
		}
	}
}
