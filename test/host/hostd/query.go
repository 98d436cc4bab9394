package hostd

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
)

// query is POST /api/ds/query: queries of one or more data sources, for one time range.
func (h *Host) query(w http.ResponseWriter, r *http.Request) {
	requests, code, err := h.readQueries(r)
	if err != nil {
		fail(w, code, err.Error())
		return
	}
	results := map[string]json.RawMessage{}
	status := http.StatusOK
	for ds, req := range requests {
		res, err := ds.plugin.data.QueryData(r.Context(), req)
		if r.Context().Err() != nil {
			return // nobody is there to be answered
		}
		if err != nil {
			fail(w, http.StatusInternalServerError, err.Error())
			return
		}
		answer, err := backend.FromProto().QueryDataResponse(res)
		if err != nil {
			fail(w, http.StatusInternalServerError, err.Error())
			return
		}
		for ref, one := range answer.Responses {
			if one.Error != nil {
				status = http.StatusBadRequest
			}
			if results[ref], err = json.Marshal(one); err != nil { // the SDK's own JSON, the same as Grafana's
				fail(w, http.StatusInternalServerError, err.Error())
				return
			}
		}
	}
	reply(w, status, map[string]any{"results": results})
}

// readQueries sorts the body's queries by data source.
func (h *Host) readQueries(r *http.Request) (map[*instance]*pluginv2.QueryDataRequest, int, error) {
	var body struct {
		From, To string
		Queries  []json.RawMessage
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return nil, http.StatusBadRequest, err
	}
	from, err := strconv.ParseInt(body.From, 10, 64)
	if err != nil {
		return nil, http.StatusBadRequest, fmt.Errorf("from: %w", err)
	}
	to, err := strconv.ParseInt(body.To, 10, 64)
	if err != nil {
		return nil, http.StatusBadRequest, fmt.Errorf("to: %w", err)
	}
	requests := map[*instance]*pluginv2.QueryDataRequest{}
	for _, raw := range body.Queries {
		var q struct {
			RefID         string `json:"refId"`
			QueryType     string `json:"queryType"`
			IntervalMS    int64  `json:"intervalMs"`
			MaxDataPoints int64  `json:"maxDataPoints"`
			Datasource    struct{ UID string }
		}
		if err := json.Unmarshal(raw, &q); err != nil {
			return nil, http.StatusBadRequest, err
		}
		ds := h.datasources[q.Datasource.UID]
		if ds == nil {
			return nil, http.StatusNotFound, fmt.Errorf("data source not found: %s", q.Datasource.UID)
		}
		if requests[ds] == nil {
			requests[ds] = &pluginv2.QueryDataRequest{PluginContext: ds.context(h.opts.Role), Headers: map[string]string{}}
		}
		requests[ds].Queries = append(requests[ds].Queries, &pluginv2.DataQuery{
			RefId: q.RefID, QueryType: q.QueryType, IntervalMS: q.IntervalMS, MaxDataPoints: q.MaxDataPoints,
			TimeRange: &pluginv2.TimeRange{FromEpochMS: from, ToEpochMS: to}, Json: raw,
		})
	}
	return requests, http.StatusOK, nil
}
