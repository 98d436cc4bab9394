package tlslib

import (
	"debug/elf"
	"errors"
	"io"
	"slices"
)

// Role is what a function does with bytes in clear, and how it is called.
type Role string

// The roles, by the names of the programs of bpf/tls.bpf.c.
const (
	Read       Role = "c_read"       // (connection, buffer, size) returns how many bytes
	Write      Role = "c_write"      // the same
	ReadEx     Role = "c_read_ex"    // (connection, buffer, size, *moved) returns 1
	WriteEx    Role = "c_write_ex"   // the same
	WriteEx2   Role = "c_write_ex2"  // (connection, buffer, size, flags, *moved) returns 1
	RecordRecv Role = "gnutls_read"  // GnuTLS's Read
	RecordSend Role = "gnutls_write" // GnuTLS's Write
	Return     Role = "c_return"     // of each of these
	Free       Role = "c_free"       // (connection)
	GoRead     Role = "go_read"      // method of *tls.Conn: (buffer []byte)
	GoWrite    Role = "go_write"
	GoReturns  Role = "go_return" // a return instruction of one of these
	GoCopies   Role = "go_copies" // in Read, the call of runtime.memmove by which the bytes come into the buffer: (buffer, from, size)
	GoSends    Role = "go_sends"  // in Write, a call of (*Conn).writeRecordLocked: (connection, kind, bytes []byte)
	GoSent     Role = "go_sent"   // behind that, where its error still is in its registers
)

// Function is where a program is to be attached.
type Function struct {
	Role     Role
	Offset   uint64 // in the file
	AtReturn bool   // when the function returns that is called where the instruction lies, not at the instruction
	Dear     bool   // the kernel cannot emulate the instruction there, see emulated
}

// Library says whose functions they are.
type Library string

// The libraries.
const (
	OpenSSL Library = "OpenSSL"
	GnuTLS  Library = "GnuTLS"
	Go      Library = "Go crypto/tls"
)

// ErrNone says that a file has none of the functions.
var ErrNone = errors.New("it has no functions of a TLS library that is known, by its symbols")

// symbolsOf are the functions of each library in C.
var symbolsOf = map[Library]map[string]Role{
	OpenSSL: {"SSL_read": Read, "SSL_write": Write, "SSL_read_ex": ReadEx, "SSL_write_ex": WriteEx, "SSL_write_ex2": WriteEx2, "SSL_free": Free},
	GnuTLS:  {"gnutls_record_recv": RecordRecv, "gnutls_record_send": RecordSend, "gnutls_deinit": Free},
}

// Find finds the functions of a file. The error is ErrNone, or says why those that are there are not known.
func Find(file io.ReaderAt) (Library, []Function, error) {
	f, err := elf.NewFile(file)
	if err != nil {
		return "", nil, err
	}
	if functions, err := ofGo(f); !errors.Is(err, ErrNone) {
		return Go, functions, err
	}
	wanted := map[string]bool{}
	for _, symbols := range symbolsOf {
		for name := range symbols {
			wanted[name] = true
		}
	}
	found, err := symbols(f, wanted)
	if err != nil {
		return "", nil, err
	}
	for library, names := range symbolsOf {
		roles := map[Role]bool{}
		for name, role := range names {
			_, ok := found[name]
			roles[role] = roles[role] || ok
		}
		if roles[Read] && roles[Write] || roles[RecordRecv] && roles[RecordSend] {
			functions, err := ofC(f, found, names)
			return library, functions, err
		}
	}
	return "", nil, ErrNone
}

// offsetOf is where what is loaded at an address, to be executed, lies in the file.
func offsetOf(f *elf.File, address uint64) (uint64, bool) {
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && p.Flags&elf.PF_X != 0 && address >= p.Vaddr && address-p.Vaddr < p.Filesz {
			return address - p.Vaddr + p.Off, true
		}
	}
	return 0, false
}

// Dear reports whether a probe of one of the functions has the kernel step over its instruction, which costs each call about ten
// times as much.
func Dear(functions []Function) bool {
	return slices.ContainsFunc(functions, func(f Function) bool { return f.Dear })
}
