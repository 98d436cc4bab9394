package l7

import "bytes"

// Capability flags that both sides must have for what follows to be different.
const (
	mysqlCompress         = 1 << 5
	mysqlSSL              = 1 << 11
	mysqlOptionalMetadata = 1 << 25 // whether columns are described is said in front of their number
	mysqlDeprecateEOF     = 1 << 24
	mysqlZstd             = 1 << 26
	mysqlQueryAttributes  = 1 << 27
)

// greeting reads what the server offers. Only what it offers can be agreed on.
func (d *mysqlDialogue) greeting(p []byte) {
	if len(p) == 0 || p[0] != 10 {
		return
	}
	version := bytes.IndexByte(p, 0)
	if version < 0 || len(p) < version+1+4+8+1+2+1+2+2 {
		return
	}
	p = p[version+1+4+8+1:]
	d.offered = uint32(p[0]) | uint32(p[1])<<8 | uint32(p[5])<<16 | uint32(p[6])<<24
	d.knowOffer = true
}

// login reads what client and server agreed on; false: what follows cannot be read. n is the
// length of the packet.
func (d *mysqlDialogue) login(p []byte, n int) bool {
	d.capabilities = uint32(p[0]) | uint32(p[1])<<8 | uint32(p[2])<<16 | uint32(p[3])<<24
	if d.knowOffer {
		d.capabilities &= d.offered
	}
	d.knowCaps = true
	encrypted := d.capabilities&mysqlSSL != 0 && n == 32 // an SSLRequest: TLS follows
	return !encrypted && d.capabilities&(mysqlCompress|mysqlZstd) == 0
}

func (d *mysqlDialogue) withoutEOF() bool { return d.knowCaps && d.capabilities&mysqlDeprecateEOF != 0 }
