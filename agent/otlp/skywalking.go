package otlp

import (
	"context"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/throughline-io/throughline/agent/skywalking"
)

// SkyWalking's agents report to a server of theirs (OAP). Segments become spans, and what an instance says of
// itself becomes its spans' resource; the rest is answered with nothing and counted, so that no agent logs
// an error for what is not wanted of it.

// skyWalkingPackages are those of its gRPC services; agents before 8.4 name none.
var skyWalkingPackages = []string{"/skywalking.v3.", "/skywalking.v10."}

// skyWalkingServices are the services by what they report.
var skyWalkingServices = map[string]string{
	"TraceSegmentReportService": "segments", "ManagementService": "instances", "JVMMetricReportService": "meters", "CLRMetricReportService": "meters",
	"MeterReportService": "meters", "LogReportService": "logs", "ProfileTask": "profiles", "AsyncProfilerTask": "profiles", "PprofTask": "profiles",
	"ConfigurationDiscoveryService": "questions for its configuration", "EventService": "events", "BrowserPerfService": "browser reports",
	"SpanAttachedEventReportService": "attached events",
}

// skyWalkingCall is what a call of gRPC reports, and its method; "" where it is none of SkyWalking's.
func skyWalkingCall(at string) (what, method string) {
	service, method, ok := strings.Cut(strings.TrimPrefix(at, "/"), "/")
	if !ok {
		return "", ""
	}
	for _, p := range skyWalkingPackages {
		if name, of := strings.CutPrefix(service, p[1:]); of {
			if what = skyWalkingServices[name]; what == "" {
				what = "other reports"
			}
			return what, method
		}
	}
	return skyWalkingServices[service], method
}

func isSkyWalking(at string) bool {
	what, _ := skyWalkingCall(at)
	return what != ""
}

// skyWalking takes a call of gRPC. Its answer is an empty message, whatever the call.
func (r *Receiver) skyWalking(ctx context.Context, w http.ResponseWriter, req *http.Request) error {
	what, method := skyWalkingCall(req.URL.Path)
	switch {
	case what == "segments" && method == "collect":
		return r.collect(ctx, w, req, formSegment)
	case what == "segments" && method == "collectInSync":
		return r.collect(ctx, w, req, formSegments)
	case what == "instances" && method == "reportInstanceProperties":
		return r.instance(w, req, r.readFrame)
	case what == "instances": // they are alive
		return r.leaveOut(w, req)
	}
	r.count.notKept(what).Add(1)
	return r.leaveOut(w, req)
}

// instance keeps what an instance says of itself.
func (r *Receiver) instance(w http.ResponseWriter, req *http.Request, read func(*message, *http.Request) error) error {
	m, done, err := r.message(w, req, read)
	defer done()
	if err != nil {
		return err
	}
	body, free, err := r.decompressed(m)
	defer free()
	if err != nil {
		return err
	}
	if m.form == formJSON {
		as, done := m.writer()
		defer done()
		if err := skywalking.InstanceJSON(as, body); err != nil {
			return err
		}
		body = as.Data
	}
	return r.instances.Report(body)
}

// leaveOut reads what nobody wants, as long as it comes.
func (r *Receiver) leaveOut(w http.ResponseWriter, req *http.Request) error {
	body := await(w)
	defer body.stop()
	b := buffer()
	defer giveBack(b)
	part := append(*b, make([]byte, 4<<10)...)
	for {
		if isGRPC(req) {
			body.more()
		}
		switch _, err := req.Body.Read(part); {
		case err == io.EOF, ended(err):
			return nil
		case err != nil:
			return unreadable(err, r.config.MaxBody)
		}
	}
}

// skyWalkingPaths are the paths of its HTTP, by what they report.
var skyWalkingPaths = map[string]string{
	"/v3/segments": "segments", "/v3/segment": "segments", "/v3/management/reportProperties": "properties", "/v3/management/keepAlive": "instances",
	"/v3/logs": "logs", "/v3/meters": "meters", "/browser/perfData": "browser reports", "/browser/errorLog": "browser reports", "/browser/errorLogs": "browser reports",
}

func (r *Receiver) serveSkyWalking(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Content-Type", typeJSON)
	if err := r.takeSkyWalking(w, req, skyWalkingPaths[path.Clean(req.URL.Path)]); err != nil {
		r.answerRefusal(w, r.refuse(err), formJSON)
		return
	}
	const nothing = "{}" // no commands for the agent
	w.Header().Set("Content-Length", strconv.Itoa(len(nothing)))
	_, _ = io.WriteString(w, nothing) // a sender that is gone sends again
}

func (r *Receiver) takeSkyWalking(w http.ResponseWriter, req *http.Request, what string) error {
	encoding, err := r.posted(req)
	if err != nil {
		return err
	}
	form := formSegmentsJSON
	read := func(m *message, req *http.Request) error {
		m.encoding, m.form = encoding, form
		return m.hold.readAll(req.Body, r.config.MaxBody, m.body)
	}
	switch what {
	case "segments":
		m, done, err := r.message(w, req, read)
		defer done()
		if err != nil {
			return err
		}
		_, err = r.take(req.Context(), m)
		return err
	case "properties":
		form = formJSON
		return r.instance(w, req, read)
	case "instances":
		return r.leaveOut(w, req)
	}
	r.count.notKept(what).Add(1)
	return r.leaveOut(w, req)
}
