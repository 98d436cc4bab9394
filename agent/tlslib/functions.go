package tlslib

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
)

// Role is what a function does with bytes in clear, and how it is called.
type Role string

// The roles, by the names of the programs of bpf/tls.bpf.c.
const (
	Read      Role = "c_read"     // (connection, buffer, size) returns how many bytes
	Write     Role = "c_write"    // the same
	ReadEx    Role = "c_read_ex"  // (connection, buffer, size, *moved) returns 1
	WriteEx   Role = "c_write_ex" // the same
	Return    Role = "c_return"   // of each of these
	Free      Role = "c_free"     // (connection)
	GoRead    Role = "go_read"    // method of *tls.Conn: (buffer []byte)
	GoWrite   Role = "go_write"
	GoReturns Role = "go_return" // a return instruction of one of these
)

// Function is where a program is to be attached.
type Function struct {
	Role   Role
	Offset uint64 // in the file
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
	OpenSSL: {"SSL_read": Read, "SSL_write": Write, "SSL_read_ex": ReadEx, "SSL_write_ex": WriteEx, "SSL_free": Free},
	GnuTLS:  {"gnutls_record_recv": Read, "gnutls_record_send": Write, "gnutls_deinit": Free},
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
		var functions []Function
		roles := map[Role]bool{}
		for name, role := range names {
			at, ok := found[name]
			if !ok {
				continue
			}
			offset, ok := offsetOf(f, at.address)
			if !ok {
				return library, nil, fmt.Errorf("%s lies outside of what is loaded", name)
			}
			roles[role] = true
			functions = append(functions, Function{role, offset})
		}
		if roles[Read] && roles[Write] {
			return library, functions, nil
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
