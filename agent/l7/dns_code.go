package l7

import (
	"strconv"

	"github.com/throughline-io/throughline/pkg/span"
)

// dnsType is the name of a record's type (IANA, Resource Record (RR) TYPEs); of one without, TYPE and its number (RFC 3597).
func dnsType(kind uint16) string {
	switch kind {
	case 1:
		return "A"
	case 2:
		return "NS"
	case 5:
		return "CNAME"
	case 6:
		return "SOA"
	case 12:
		return "PTR"
	case 13:
		return "HINFO"
	case 15:
		return "MX"
	case 16:
		return "TXT"
	case 28:
		return "AAAA"
	case 33:
		return "SRV"
	case 35:
		return "NAPTR"
	case 43:
		return "DS"
	case 48:
		return "DNSKEY"
	case 52:
		return "TLSA"
	case 64:
		return "SVCB"
	case 65:
		return "HTTPS"
	case 251:
		return "IXFR"
	case 252:
		return "AXFR"
	case 255:
		return "ANY"
	case 257:
		return "CAA"
	}
	return "TYPE" + strconv.Itoa(int(kind))
}

// dnsCode is the name of a response code (IANA, DNS RCODEs).
func dnsCode(code int32) string {
	names := [...]string{"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE"}
	if int(code) < len(names) {
		return names[code]
	}
	return "RCODE" + strconv.Itoa(int(code))
}

// dnsStatus is whose fault a response code is. That there is no such name is the client's.
func dnsStatus(code int32) span.Status {
	switch code {
	case 0:
		return span.StatusOK
	case 2, 4: // SERVFAIL, NOTIMP
		return span.StatusServerError
	}
	return span.StatusClientError
}
