package front

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
)

var errorCode = regexp.MustCompile(`Code: (\d+)\.`)

// fail answers with ClickHouse's form of an error: its code in a header, its text as body.
func (s *Server) fail(w http.ResponseWriter, err error) {
	code, status := 1002, 0 // UNKNOWN_EXCEPTION
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		code, status = 307, http.StatusRequestEntityTooLarge // TOO_MANY_BYTES
	} else if m := errorCode.FindStringSubmatch(err.Error()); m != nil {
		code, _ = strconv.Atoi(m[1])
	}
	if status == 0 {
		status = httpStatus(code)
	}
	w.Header().Set("X-ClickHouse-Exception-Code", strconv.Itoa(code))
	w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "%v (version %s (throughline-store))\n", err, s.version)
}

// httpStatus knows the codes a client is likely to meet; a server maps more of them.
func httpStatus(code int) int {
	switch code {
	case 6, 26, 27, 36, 42, 43, 44, 46, 47, 53, 62, 115, 117, 457:
		return http.StatusBadRequest
	case 60, 78, 81:
		return http.StatusNotFound
	case 159:
		return http.StatusRequestTimeout
	case 307:
		return http.StatusRequestEntityTooLarge
	case 164, 497:
		return http.StatusForbidden
	case 241, 243: // memory, disk: worth another try
		return http.StatusServiceUnavailable
	case 516:
		return http.StatusUnauthorized
	}
	return http.StatusInternalServerError
}

// midStreamError is the frame in which newer servers send an error after the first bytes
// of a result.
func midStreamError(err error) string {
	const boundary = "throughlinestore" // 16 characters; a server picks them at random
	msg := err.Error() + "\n"
	return fmt.Sprintf("\r\n__exception__\r\n%s\r\n%s%d %s\r\n__exception__\r\n", boundary, msg, len(msg), boundary)
}
