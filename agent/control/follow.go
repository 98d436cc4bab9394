package control

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/throughline-io/throughline/pkg/wire"
)

// Config says whose group is followed, and what is done about it.
type Config struct {
	Conn grpc.ClientConnInterface // to the server
	// State is how the agent is now.
	State func() *wire.AgentState
	// Apply puts a configuration into force, or not; State says afterwards. It is called for one at a time.
	Apply func(context.Context, *wire.GroupConfig)
	Log   *slog.Logger
}

// Follower follows a group.
type Follower struct {
	c       Config
	changed chan struct{} // holds a value when there may be something to say
}

// New makes a Follower; Run follows.
func New(c Config) *Follower { return &Follower{c, make(chan struct{}, 1)} }

// Changed says that State may say something else now.
func (f *Follower) Changed() {
	select {
	case f.changed <- struct{}{}:
	default:
	}
}

// How long to wait before the server is asked again: at random up to a time that grows, so that not all
// agents come at once; and long where the server knows no groups.
const (
	firstPause = 100 * time.Millisecond
	mostPause  = 5 * time.Second
	olderPause = time.Minute
)

// Run follows the group until ctx is done, whether the server is there or not.
func (f *Follower) Run(ctx context.Context) {
	said := ""
	for most := firstPause; ctx.Err() == nil; {
		answered, err := f.follow(ctx)
		if answered {
			most, said = firstPause, ""
		}
		pause := rand.N(most)
		most = min(2*most, mostPause)
		if status.Code(err) == codes.Unimplemented {
			pause = olderPause
		}
		if err != nil && ctx.Err() == nil && err.Error() != said {
			said = err.Error()
			f.c.Log.Debug("the group's configuration is not followed now", "error", err)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// follow makes one call, which ends by an error only. It reports whether the server said anything.
func (f *Follower) follow(ctx context.Context) (answered bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := wire.NewControlClient(f.c.Conn).Follow(ctx)
	if err != nil {
		return false, err
	}
	configs := make(chan *wire.GroupConfig)
	gone := make(chan error, 1)
	go func() {
		for {
			c, err := stream.Recv()
			if err != nil {
				gone <- err
				return
			}
			select {
			case configs <- c:
			case <-ctx.Done():
				return
			}
		}
	}()
	f.Changed() // who it is, first
	for {
		select {
		case c := <-configs:
			answered = true
			f.c.Apply(ctx, c)
			f.Changed()
		case <-f.changed:
			if err := stream.Send(f.c.State()); err != nil {
				return answered, <-gone // Send says nothing of why
			}
		case err := <-gone:
			return answered, err
		case <-ctx.Done():
			return answered, ctx.Err()
		}
	}
}
