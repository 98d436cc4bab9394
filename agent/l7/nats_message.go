package l7

import (
	"bytes"
	"strconv"

	"github.com/throughline-io/throughline/pkg/span"
)

// natsVerb is what a line says.
type natsVerb uint8

const (
	natsOther   natsVerb = iota
	natsPublish          // PUB, HPUB
	natsMessage          // MSG, HMSG
)

// natsMessageRead is a line, and what follows it.
type natsMessageRead struct {
	verb                   natsVerb
	fromClient, fromServer bool // only that side says so; else both do
	told                   bool // it cannot be taken for another protocol's
	subject, reply         []byte
	headers                []byte // as far as they are there
	payload                []byte
	size                   uint64 // bytes of all of it
	wants                  int    // bytes of headers and payload that are of interest
}

// wantsMore reports whether what is of interest is still to come.
func (m *natsMessageRead) wantsMore(missing int) bool {
	return missing == 0 && len(m.headers)+len(m.payload) < m.wants
}

// readNATS reads a line of either side.
func readNATS(data []byte, missing int) (m natsMessageRead, s State) {
	end := bytes.IndexByte(data, '\n')
	line := data
	if end >= 0 {
		line = data[:end]
	}
	line = bytes.TrimSuffix(line, []byte("\r"))
	verb, rest, cut := bytes.Cut(line, []byte(" "))
	long := false
	switch string(verb) {
	case "PUB", "HPUB":
		m.verb, m.fromClient = natsPublish, true
	case "MSG", "HMSG":
		m.verb, m.fromServer = natsMessage, true
	case "SUB", "UNSUB":
		m.fromClient = true
	case "CONNECT":
		m.fromClient, long = true, true
	case "INFO":
		m.fromServer, long = true, true
	case "+OK", "-ERR":
		m.fromServer = true
	case "PING", "PONG":
	default:
		if end < 0 && !cut && missing == 0 && isNATSBeginning(verb) {
			return m, More
		}
		return m, Bad
	}
	if long && (len(rest) > 0 && rest[0] != '{' || end >= 0 && len(rest) == 0) {
		return m, Bad
	}
	switch {
	case end >= 0 && (long || end < natsLine):
		m.size = uint64(end) + 1
	case missing > 0 || !long && len(data) >= natsLine:
		return m, Bad
	default:
		return m, More
	}
	m.told = long
	if m.verb == natsOther {
		m.told = m.told || string(verb) == "SUB" && isNATSSub(rest)
		return m, Head
	}
	return m, m.readSizes(rest, data[end+1:], missing, verb[0] == 'H')
}

// readSizes reads what a line of a message says, and takes the beginning of what follows it.
func (m *natsMessageRead) readSizes(rest, behind []byte, missing int, headed bool) State {
	var words [5][]byte
	n := 0
	for len(rest) > 0 {
		var word []byte
		word, rest, _ = bytes.Cut(rest, []byte(" "))
		if len(word) == 0 {
			continue
		}
		if n == len(words) {
			return Bad
		}
		words[n] = word
		n++
	}
	least, most := 2, 3 // subject [reply] size
	if m.verb == natsMessage {
		least, most = 3, 4 // and the number of the subscription
	}
	sizes := 1
	if headed {
		least, most, sizes = least+1, most+1, 2
	}
	if n < least || n > most {
		return Bad
	}
	total, ok := natsSize(words[n-1])
	headers := uint64(0)
	if headed && ok {
		headers, ok = natsSize(words[n-2])
	}
	if !ok || headers > total || total > natsPayload {
		return Bad
	}
	m.subject = words[0]
	if n == most {
		m.reply = words[n-sizes-1]
	}
	if !isNATSSubject(m.subject) || !isNATSSubject(m.reply) && m.reply != nil {
		return Bad
	}
	m.told = true
	m.size += total + 2
	m.headers = behind[:min(uint64(len(behind)), headers)]
	m.payload = behind[len(m.headers):min(uint64(len(behind)), total)]
	m.wants = int(min(headers, natsHeaders) + min(total-headers, natsAnswer))
	if missing == 0 && headed && uint64(len(m.headers)) < min(headers, natsHeaders) {
		return More
	}
	return Head
}

func natsSize(word []byte) (n uint64, ok bool) {
	if len(word) == 0 || len(word) > 9 {
		return 0, false
	}
	for _, c := range word {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, true
}

func isNATSSubject(subject []byte) bool {
	for _, c := range subject {
		if c <= ' ' || c == 0x7f {
			return false
		}
	}
	return len(subject) > 0
}

// isNATSSub reports whether a line subscribes: subject [queue] number.
func isNATSSub(rest []byte) bool {
	words := 0
	for word := range bytes.FieldsSeq(rest) {
		if words++; words == 1 && !isNATSSubject(word) {
			return false
		}
	}
	return words == 2 || words == 3
}

// isNATSBeginning reports whether bytes may be the beginning of a verb.
func isNATSBeginning(data []byte) bool {
	for _, verb := range [...]string{"PUB", "HPUB", "MSG", "HMSG", "SUB", "UNSUB", "CONNECT", "INFO", "PING", "PONG", "+OK", "-ERR"} {
		if len(data) > 0 && len(data) <= len(verb) && string(data) == verb[:len(data)] {
			return true
		}
	}
	return false
}

// outcome reads success or failure of an answer: by its status (503: nobody serves it), by the headers of services, and by what
// JetStream says in JSON.
func (m *natsMessageRead) outcome(f *Fields) {
	f.Status = span.StatusOK
	fail := func(code, message []byte) {
		n, err := strconv.ParseInt(string(code), 10, 32)
		if err != nil {
			n = 500
		}
		f.Code, f.StatusMessage = int32(n), textOf(message[:min(len(message), 256)])
		f.Status = span.StatusServerError
		if n >= 400 && n < 500 {
			f.Status = span.StatusClientError
		}
	}
	line, rest, _ := bytes.Cut(m.headers, []byte("\r\n"))
	if status, ok := bytes.CutPrefix(line, []byte("NATS/1.0 ")); ok && len(status) >= 3 && status[0] >= '4' {
		message := bytes.TrimSpace(status[3:])
		if string(status[:3]) == "503" && len(message) == 0 {
			message = []byte("No Responders")
		}
		fail(status[:3], message)
		return
	}
	var code, message []byte
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch string(name) {
		case "Nats-Service-Error-Code":
			code = bytes.TrimSpace(value)
		case "Nats-Service-Error":
			message = bytes.TrimSpace(value)
		}
	}
	if len(code) > 0 {
		fail(code, message)
		return
	}
	said := m.payload[:min(len(m.payload), natsAnswer)]
	if !bytes.HasPrefix(said, []byte(`{"error":{"code":`)) && !bytes.HasPrefix(said, []byte(`{"type":"io.nats.jetstream.api.`)) {
		return
	}
	if _, said, ok := bytes.Cut(said, []byte(`"error":{"code":`)); ok {
		_, message, _ := bytes.Cut(said, []byte(`"description":"`))
		message, _, _ = bytes.Cut(message, []byte(`"`))
		code, _, _ := bytes.Cut(said, []byte(","))
		fail(code, message)
	}
}
