package l7

import "github.com/throughline-io/throughline/pkg/span"

// isProgress reports whether a packet is MariaDB's report of how far a statement came: it
// looks like an error, and the answer is still to come.
func isProgress(p []byte) bool {
	return len(p) >= 3 && p[0] == mysqlERR && p[1] == 0xff && p[2] == 0xff
}

// outcome reads success or error from a response's packet.
func (d *mysqlDialogue) outcome(p []byte, f *Fields) {
	if isProgress(p) {
		return
	}
	if p[0] != mysqlERR {
		f.Status = span.StatusOK
		return
	}
	f.Status = span.StatusServerError
	if len(p) < 3 {
		return
	}
	f.Code = int32(status16(p[1:]))
	if !mysqlServerFault(f.Code) {
		f.Status = span.StatusClientError
	}
	text := p[3:]
	if len(text) >= 6 && text[0] == '#' { // SQL state
		text = text[6:]
	}
	f.StatusMessage = textOf(text)
}

// mysqlServerFault reports whether an error is the server's: resources, locks, the disk.
func mysqlServerFault(code int32) bool {
	switch code {
	case 1021, 1030, 1037, 1038, 1040, 1041, 1053, 1077, 1105, 1114, 1119, 1135, 1180, 1181, 1194, 1195, 1203, 1205, 1206, 1213, 1290, 1317, 1836:
		return true
	}
	return false
}
