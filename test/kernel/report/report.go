// Package report is what a virtual machine tells about one run of the agent in it. The guest writes
// it, a line of JSON for each run; the host reads it.
package report

// Places are where a request between two pods of one node shows, in the order it gets there.
var Places = []string{"SYS c-p", "NET c", "NET s", "SYS s-p"}

// Run is one run of the agent: what it used, and what it saw of the requests that were made.
type Run struct {
	Kernel  string `json:"kernel"`  // as uname -r says
	Variant string `json:"variant"` // what --sys-variant said
	Hooks   string `json:"hooks"`   // the hooks in use, in the agent's words; "": none
	Refused string `json:"refused"` // why there are none

	Requests     int            `json:"requests"`      // that were made and answered
	Spans        map[string]int `json:"spans"`         // by place
	Joined       int            `json:"joined"`        // requests seen once at each place, with one pair of sequence numbers
	Goroutines   int            `json:"goroutines"`    // SYS spans whose goroutine is known
	Inside       int            `json:"inside"`        // requests inside of TLS
	JoinedInside int            `json:"joined_inside"` // of these, as Joined

	Lost    []string `json:"lost"`   // lines of the agent's ledger that say so
	Faults  []string `json:"faults"` // what is not as it must be
	Seconds float64  `json:"seconds"`
}

// Fault notes what is not as it must be.
func (r *Run) Fault(err error) {
	if err != nil {
		r.Faults = append(r.Faults, err.Error())
	}
}
