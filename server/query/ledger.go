package query

import (
	"net/http"
)

// LedgerQuery is a question to the ledger.
type LedgerQuery struct {
	Agent    string // "": all; * stands for any characters
	From, To int64  // Unix ns; both 0: how it stands now
	History  bool   // a row for each minute rather than the newest
}

// ledger answers what agents and server took in, passed on and lost, and when they were blind.
func (s *Server) ledger(w http.ResponseWriter, r *http.Request) error {
	p := newParams(r.URL.RawQuery, s.c.Now())
	q := LedgerQuery{
		Agent: p.text("agent"), From: p.time("from", 0), To: p.time("to", 0),
		History: p.choice("history", "false", "true") == "true",
	}
	if err := p.done(); err != nil {
		return err
	}
	if q.To != 0 && q.To < q.From {
		return badRequest("to is before from")
	}
	answer, err := s.c.Ledger(r.Context(), q)
	if err != nil {
		return storeError(err)
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}
