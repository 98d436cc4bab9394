package causality

import (
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// A gRPC service that is asked for its health by HTTP: the only request that can be read is not the only one.
func TestTheSoleRequestOfAProcessThatIsAskedInWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	p := newTable()
	other := Executor{PID: 7, ID: 2}
	p.Unreadable(p.at(other, 0))
	health := p.begins(one, new(Connection), trace, 1)
	if of, _ := p.calls(other, 2); of != nil {
		t.Errorf("joined with %v, while there may be others", of)
	}
	if of, rule := p.calls(other, 1+int64(unreadablePatience)); of != health || rule != span.RuleSoleRequest {
		t.Errorf("joined with %v by %q, when all others are long over", of, rule)
	}
	p.process.Blind(1)
	if of, _ := p.calls(other, 2+int64(unreadablePatience)); of != nil {
		t.Errorf("joined with %v, while there is a connection of which nothing is seen", of)
	}
	p.process.Blind(-1)
	if of, _ := p.calls(other, 3+int64(unreadablePatience)); of != health {
		t.Errorf("joined with %v, when that is closed", of)
	}
}

// HAProxy calls for what it has read in TLS, too: in between what is in the clear.
func TestTheOrderOfAProcessThatIsAskedInWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	p := newTable()
	p.process.Runtime = HAProxy
	p.begins(one, new(Connection), trace, 0)
	p.begins(one, new(Connection), trace, 1)
	p.Unreadable(p.at(one, 2))
	if of, rule := p.calls(one, 3); of != nil {
		t.Errorf("joined with %v by %q", of, rule)
	}
}
