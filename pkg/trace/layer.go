package trace

// Layer is what a slice of time was spent in.
type Layer uint8

// The layers. Waiting is the last for what was stored and drawn before it was known.
const (
	Code    Layer = iota // a service's own code
	Kernel               // system calls and queues of a node: send path, waiting for read
	Network              // between interfaces
	NotSeen              // beside a hop that nobody saw
	Waiting              // for whom a CLIENT or PRODUCER span called, where nobody looked further
)

var layerNames = [...]string{"code", "kernel", "network", "not seen", "waiting"}

func (l Layer) String() string { return layerNames[l] }

// Layers is nanoseconds by layer.
type Layers struct {
	Code    int64 `json:"code"`
	Kernel  int64 `json:"kernel"` // kernel + queue
	Network int64 `json:"network"`
	NotSeen int64 `json:"not_seen"`
	Waiting int64 `json:"waiting"` // for a peer: a database, an API, a queue, a model
}

func (l *Layers) add(layer Layer, ns int64) {
	switch layer {
	case Code:
		l.Code += ns
	case Kernel:
		l.Kernel += ns
	case Network:
		l.Network += ns
	case Waiting:
		l.Waiting += ns
	default:
		l.NotSeen += ns
	}
}

// Total is the sum of the layers.
func (l Layers) Total() int64 { return l.Code + l.Kernel + l.Network + l.NotSeen + l.Waiting }
