package l7

import (
	"bytes"
	"strconv"
	"time"

	"github.com/throughline-io/throughline/agent/redact"
	"github.com/throughline-io/throughline/pkg/span"
)

// HTTP is HTTP/1.0 and 1.1 (RFC 9112).
var HTTP = Protocol{
	Name:   "HTTP",
	Ports:  []uint16{80, 8080, 8000, 3000, 9090},
	Detect: detectHTTP,
	Firsts: bytesOf(func(c byte) bool { return tokenBytes[c] || c == '\r' || c == '\n' }),
	Resume: func(data []byte, _ int) Match { return detectHTTP(data) },
	New:    func() Dialogue { return &httpDialogue{} },
	Redact: func(f *Fields) {
		if f.Expect&httpSecrets != 0 {
			f.Resource, f.Domain = redact.URL(f.Resource), redact.Authority(f.Domain)
		}
		if f.Expect&httpGraphQL != 0 {
			f.StatusMessage = redact.SQLError(f.StatusMessage)
		}
	},
	// Reports are answered after minutes. Streams of events pause; where a chunk's border was not
	// captured, the next one may come some seconds later.
	Patience: Patience{Answer: 10 * time.Minute, Silence: 10 * time.Second},
}

const httpVersionPrefix = "HTTP/1."

// What a request's Fields.Expect notes: it says something to be redacted; it asks GraphQL.
const (
	httpSecrets = 1 << iota
	httpGraphQL
)

func detectHTTP(data []byte) Match {
	data = data[emptyLines(data):]
	if len(data) == 0 {
		return MatchMore
	}
	if m := prefixMatch(data, httpVersionPrefix, MatchResponse); m != MatchNone {
		return m
	}
	return matchRequestLine(data)
}

// emptyLines is the length of the empty lines in front of a message: a line end too many
// behind the message before it, to be ignored (RFC 9112, 2.2).
func emptyLines(data []byte) int {
	n := 0
	for n < len(data) && (data[n] == '\n' || data[n] == '\r' && (n+1 == len(data) || data[n+1] == '\n')) {
		n++
	}
	return n
}

// prefixMatch is full if data begins with want, MatchMore if it may yet.
func prefixMatch(data []byte, want string, full Match) Match {
	n := min(len(data), len(want))
	if string(data[:n]) != want[:n] {
		return MatchNone
	}
	if n < len(want) {
		return MatchMore
	}
	return full
}

// httpDialogue is the framing state of both directions.
type httpDialogue struct {
	request, response httpBody
	upgraded          *http2Dialogue // what it has turned to, by Upgrade: h2c
	websocket         *websocketDialogue
}

// Missed says that bytes of a side were not seen.
func (d *httpDialogue) Missed(request bool) {
	switch {
	case d.upgraded != nil:
		d.upgraded.Missed(request)
	case d.websocket != nil:
		d.websocket.Missed(request)
	}
}

// Unasked reports whether a server says it without being asked.
func (d *httpDialogue) Unasked([]byte) bool { return d.websocket != nil }

// Tell says what a connection has come to that lasts beyond its answer.
func (d *httpDialogue) Tell(f *Fields, closed bool) {
	if d.websocket != nil {
		d.websocket.Tell(f, closed)
	}
}

// Kept is about how many bytes of memory it takes beside its requests.
func (d *httpDialogue) Kept() int {
	if d.upgraded == nil {
		return 0
	}
	return d.upgraded.Kept()
}

// httpBody is what is left of a message after its header.
type httpBody struct {
	stage   httpStage
	left    uint64 // of a body of known length
	scanned int    // bytes of an incomplete header known not to hold its end
	opaque  bool   // another protocol follows this message
	graphql bool   // the body's beginning says whether it went well
}

type httpStage uint8

const (
	httpHead     httpStage = iota
	httpLength             // a body of left bytes, none included
	httpChunk              // at a chunk's size line
	httpTrailer            // at a line of the trailer section
	httpToClose            // until the connection's end
	httpUnframed           // a header's end was not captured
	httpLost               // a chunk's border was not captured
)

func (d *httpDialogue) Reset(request bool) {
	if d.upgraded != nil {
		d.upgraded.Reset(request)
	}
	if d.websocket != nil {
		d.websocket.Reset(request)
	}
	if request {
		d.request = httpBody{}
	} else {
		d.response = httpBody{}
	}
}

func (d *httpDialogue) Request(data []byte, missing int, x Exchanges) Step {
	b := &d.request
	switch {
	case b.stage != httpHead:
		return b.next(data, missing)
	case d.upgraded != nil:
		return d.upgraded.Request(data, missing, x)
	case d.websocket != nil:
		return d.websocket.Request(data, missing, x)
	}
	if n := emptyLines(data); n > 0 {
		return b.pass(data, n, missing)
	}
	if e := knownRequests.whole(data); e != nil && e.ok && b.scanned == 0 {
		*x.Begun() = *e.request
		return b.headed(len(data), true, e.facts)
	}
	end, whole := headerEnd(data, &b.scanned)
	if !whole && missing == 0 {
		return stepMoreOrBad(data, MatchRequest)
	}
	b.scanned = 0
	h, ok := knownRequests.request(data[:end], whole, x.Begun())
	if !ok {
		return Step{State: Bad}
	}
	return b.headed(end, whole, h)
}

// headed goes on behind a request's header, which ends at end.
func (b *httpBody) headed(end int, whole bool, h httpFacts) Step {
	switch {
	case !whole:
		b.stage = httpUnframed
		return Step{State: Head, Advance: uint64(end)}
	case h.chunked:
		b.stage = httpChunk
	default:
		b.stage, b.left = httpLength, h.length
	}
	return Step{State: Head, Advance: uint64(end)}
}

func (d *httpDialogue) Response(data []byte, missing int, x Exchanges) Step {
	b := &d.response
	switch {
	case b.graphql && !b.errors(data, missing, x.Open(0)):
		return Step{State: More}
	case b.stage != httpHead:
		b.graphql = false
		return b.next(data, missing)
	case d.upgraded != nil:
		return d.upgraded.Response(data, missing, x)
	case d.websocket != nil:
		return d.websocket.Response(data, missing, x)
	}
	if n := emptyLines(data); n > 0 {
		return b.pass(data, n, missing)
	}
	end, whole := headerEnd(data, &b.scanned)
	if !whole && missing == 0 {
		return stepMoreOrBad(data, MatchResponse)
	}
	b.scanned = 0
	var scratch Fields // a response nobody waits for is framed all the same
	f := x.Open(0)
	if f == nil {
		f = &scratch
	}
	h, ok := knownAnswers.response(data[:end], whole)
	if !ok {
		return Step{State: Bad}
	}
	step := Step{State: Head, Advance: uint64(end)}
	upgrade := h.code == 101 && h.h2c
	interim := h.code >= 100 && h.code < 200 && (h.code != 101 || upgrade)
	if interim {
		step.Role = Aside
	} else {
		f.Code, f.Status = h.code, httpStatus(h.code)
		if h.xRequestID != nil {
			f.XResponseID = string(h.xRequestID)
		}
		if f.Status.Error() {
			f.StatusMessage = string(h.reason)
		}
	}
	switch {
	case !whole:
		b.stage = httpUnframed
	case upgrade: // the answer is the first stream's (RFC 7540, 3.2)
		b.stage, b.left = httpLength, 0
		d.upgraded, step.Becomes = newUpgraded(), &HTTP2
	case h.code == 101 && h.websocket:
		b.stage, b.left = httpLength, 0
		d.websocket, step.Becomes, step.Kind = newWebsocket(f, h.subprotocol), &WebSocket, Begins|Headed
	case interim, h.code == 204, h.code == 304, f.Type == "HEAD":
		b.stage, b.left = httpLength, 0
	case h.code == 101, f.Type == "CONNECT" && h.code >= 200 && h.code < 300:
		b.stage, b.left, b.opaque = httpLength, 0, true
	case h.chunked:
		b.stage = httpChunk
	case h.hasLength:
		b.stage, b.left = httpLength, h.length
	default:
		b.stage = httpToClose
	}
	b.graphql = f.Expect&httpGraphQL != 0 && h.code == 200 && (b.stage == httpLength || b.stage == httpChunk)
	return step
}

// pass steps over n bytes of empty lines.
func (b *httpBody) pass(data []byte, n, missing int) Step {
	if n == len(data) && data[n-1] == '\r' && missing == 0 {
		return Step{State: More}
	}
	b.stage, b.left = httpLength, 0
	return Step{State: Head, Role: Aside, Advance: uint64(n)}
}

// stepMoreOrBad does not wait for a header's end where no header began.
func stepMoreOrBad(data []byte, want Match) Step {
	if m := detectHTTP(data); m != want && m != MatchMore {
		return Step{State: Bad}
	}
	return Step{State: More}
}

// next frames what follows a header.
func (b *httpBody) next(data []byte, missing int) Step {
	switch b.stage {
	case httpLength:
		n, opaque := b.left, b.opaque
		*b = httpBody{}
		if opaque {
			return Step{State: Opaque, Advance: n}
		}
		return Step{State: End, Advance: n}
	case httpChunk:
		return b.chunk(data, missing)
	case httpTrailer:
		return b.trailer(data, missing)
	case httpToClose:
		return Step{State: UntilClose}
	case httpLost:
		if step := b.unframed(data, missing); step.State == End || !startsChunk(data, missing) {
			return step
		}
		b.stage = httpChunk
		return b.chunk(data, missing)
	}
	return b.unframed(data, missing)
}

// unframed goes on without knowing where the body ends. The last chunk is mostly alone in its
// write, or ends one.
func (b *httpBody) unframed(data []byte, missing int) Step {
	if missing == 0 && bytes.HasSuffix(data, []byte(httpLastChunk)) {
		*b = httpBody{}
		return Step{State: End, Advance: uint64(len(data))}
	}
	return Step{State: Open}
}

// lost is where a chunk's border was not captured: the next segment may begin with one.
func (b *httpBody) lost(data []byte, missing int) Step {
	b.stage = httpLost
	return b.unframed(data, missing)
}

func httpStatus(code int32) span.Status {
	switch {
	case code >= 500:
		return span.StatusServerError
	case code >= 400:
		return span.StatusClientError
	case code >= 100:
		return span.StatusOK
	}
	return span.StatusUnknown
}

func parseLength(v []byte) (uint64, bool) {
	n, err := strconv.ParseUint(string(v), 10, 62)
	return n, err == nil
}
