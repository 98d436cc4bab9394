package net

import (
	"fmt"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// snapLen is how much of a packet is captured: all that an Ethernet frame carries, also behind VXLAN
// over IPv6. Without a snap length the 64 KiB packets of offloading fill the ring. Of a packet that
// begins with a request of HTTP headLen is: a trace context may stand behind cookies and tokens; and of one that begins with a message
// of those that are sent many at once.
const (
	snapLen = 1600
	headLen = 8192 + 256
)

// methods are the beginnings of requests for which headLen is taken (RFC 9110, 9.1), big endian.
var methods = [...]uint32{'G'<<24 | 'E'<<16 | 'T'<<8 | ' ', 'P'<<24 | 'O'<<16 | 'S'<<8 | 'T', 'P'<<24 | 'U'<<16 | 'T'<<8 | ' ',
	'P'<<24 | 'A'<<16 | 'T'<<8 | 'C', 'D'<<24 | 'E'<<16 | 'L'<<8 | 'E', 'H'<<24 | 'E'<<16 | 'A'<<8 | 'D', 'O'<<24 | 'P'<<16 | 'T'<<8 | 'I'}

// The beginnings of frames of HTTP/2 (RFC 9113, 4.1) behind which the one may be that tells how a call of gRPC ended: a
// length of 24 bits and the type. As much is taken of such a packet.
const (
	preface   = 'P'<<24 | 'R'<<16 | 'I'<<8 | ' '
	frameData = 0
)

var frames = [...]uint32{1, 3, 4, 6, 8, 9} // HEADERS, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION

// The beginnings of messages of which clients and servers send many at once: commands of Redis (an array of fewer than 100 texts),
// what NATS publishes, and by their first half messages of Dubbo. Those of AMQP begin as frames of HTTP/2 do: with their type, and a
// channel and a size of few bytes.
var pipelines = [...]uint32{'P'<<24 | 'U'<<16 | 'B'<<8 | ' ', 'H'<<24 | 'P'<<16 | 'U'<<8 | 'B', 'M'<<24 | 'S'<<16 | 'G'<<8 | ' ', 'H'<<24 | 'M'<<16 | 'S'<<8 | 'G'}

const (
	dubboMagic = 0xdabb
	amqpMethod = 1 << 24
)

// filter is the socket's program: packets that cannot carry TCP, or DNS over UDP, stay out of the ring, and
// so do TCP packets without payload, SYN, FIN and RST (about half of all), where that is
// easy to tell: IPv4, plain or inside IPIP or VXLAN.
func filter() []bpf.Instruction {
	const (
		ipLen    = 0 // scratch: length behind the innermost IP header
		ipStart  = 1 // scratch: outer header's length
		innerLen = 2
		headers  = 3 // length of all IP headers
	)
	p := program{}
	p.add(bpf.LoadAbsolute{Off: 12, Size: 2})
	p.jump(etherIPv6, "accept")
	p.jump(etherVLAN, "accept")
	p.jump(etherQinQ, "accept")
	p.unless(etherIPv4, "drop")
	p.add(bpf.LoadMemShift{Off: 14}) // X: the header's length
	p.add(bpf.LoadAbsolute{Off: 23, Size: 1})
	p.jump(protoTCP, "tcp")
	p.jump(protoIPv4, "ipip")
	p.jump(protoUDP, "udp")
	p.jump(protoGRE, "accept")
	p.unless(protoIPv6, "drop")
	p.to("accept")

	p.label("udp")
	p.add(bpf.LoadIndirect{Off: 16, Size: 2})
	p.jump(portVXLAN, "vxlan")
	p.jump(portVXLANLinux, "vxlan")
	p.jump(portGeneve, "accept")
	p.jump(portDNS, "accept")
	p.add(bpf.LoadIndirect{Off: 14, Size: 2})
	p.jump(portDNS, "accept")
	p.to("drop")

	p.label("vxlan") // as IPIP, behind the headers of UDP, VXLAN and Ethernet
	p.add(bpf.TXA{}, bpf.ALUOpConstant{Op: bpf.ALUOpAdd, Val: 8 + 8 + 14}, bpf.TAX{}, bpf.LoadIndirect{Off: 12, Size: 2})
	p.unless(etherIPv4, "accept")
	p.to("ipip")

	p.label("tcp")
	p.add(
		bpf.LoadAbsolute{Off: 16, Size: 2}, bpf.ALUOpX{Op: bpf.ALUOpSub}, bpf.StoreScratch{Src: bpf.RegA, N: ipLen},
	)
	p.to("segment")

	p.label("ipip")
	p.add(
		bpf.LoadIndirect{Off: 14 + 9, Size: 1},
	)
	p.unless(protoTCP, "accept")
	p.add(
		bpf.StoreScratch{Src: bpf.RegX, N: ipStart},
		bpf.LoadIndirect{Off: 14, Size: 1}, bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 15}, bpf.ALUOpConstant{Op: bpf.ALUOpShiftLeft, Val: 2},
		bpf.StoreScratch{Src: bpf.RegA, N: innerLen},
		bpf.LoadIndirect{Off: 14 + 2, Size: 2},
		bpf.LoadScratch{Dst: bpf.RegX, N: innerLen}, bpf.ALUOpX{Op: bpf.ALUOpSub}, bpf.StoreScratch{Src: bpf.RegA, N: ipLen},
		bpf.LoadScratch{Dst: bpf.RegA, N: ipStart}, bpf.ALUOpX{Op: bpf.ALUOpAdd}, bpf.TAX{},
	)

	p.label("segment") // X: length of all IP headers
	p.add(
		bpf.StoreScratch{Src: bpf.RegX, N: headers},
		bpf.LoadIndirect{Off: 14 + 13, Size: 1}, bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: flagFIN | flagSYN | flagRST},
	)
	p.unless(0, "accept")
	p.add(
		bpf.LoadIndirect{Off: 14 + 12, Size: 1}, bpf.ALUOpConstant{Op: bpf.ALUOpShiftRight, Val: 4}, bpf.ALUOpConstant{Op: bpf.ALUOpShiftLeft, Val: 2},
		bpf.TAX{}, bpf.LoadScratch{Dst: bpf.RegA, N: ipLen},
	)
	p.add(bpf.JumpIfX{Cond: bpf.JumpNotEqual, SkipTrue: 1}) // else nothing is behind TCP's header
	p.to("drop")
	p.add(bpf.ALUOpX{Op: bpf.ALUOpSub}, bpf.JumpIf{Cond: bpf.JumpGreaterThan, Val: snapLen - 200, SkipTrue: 1})
	p.to("accept") // all of it is taken
	p.add(bpf.LoadScratch{Dst: bpf.RegA, N: headers}, bpf.ALUOpX{Op: bpf.ALUOpAdd}, bpf.TAX{}, bpf.LoadIndirect{Off: 14, Size: 4})
	for _, m := range methods {
		p.jump(m, "head")
	}
	for _, m := range pipelines {
		p.jump(m, "head")
	}
	p.jump(preface, "head")
	p.add(bpf.TAX{}, bpf.ALUOpConstant{Op: bpf.ALUOpShiftRight, Val: 16})
	p.jump(dubboMagic, "head")
	p.add(bpf.TXA{}, bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 0xff00ff00}) // *1\r\n
	p.jump('*'<<24|'\r'<<8, "head")
	p.add(bpf.TXA{}, bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 0xff0000ff}) // *12\r
	p.jump('*'<<24|'\r', "head")
	p.add(bpf.TXA{}, bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 0xff0000ff}) // a frame's type, of less than 64 KiB
	for _, f := range frames {
		p.jump(f, "head")
	}
	p.jump(amqpMethod, "head")
	p.unless(frameData, "accept")
	p.add(bpf.TXA{}, bpf.ALUOpConstant{Op: bpf.ALUOpShiftRight, Val: 8}, bpf.JumpIf{Cond: bpf.JumpGreaterThan, Val: headLen - 512, SkipTrue: 1})
	p.to("head") // other frames are behind it
	p.label("accept")
	p.add(bpf.RetConstant{Val: snapLen})
	p.label("head")
	p.add(bpf.RetConstant{Val: headLen})
	p.label("drop")
	p.add(bpf.RetConstant{Val: 0})
	return p.link()
}

// program is a filter with named places; jumps go forward only.
type program struct {
	list   []bpf.Instruction
	labels map[string]int
	jumps  map[int]string
}

func (p *program) add(list ...bpf.Instruction) { p.list = append(p.list, list...) }

func (p *program) label(name string) {
	if p.labels == nil {
		p.labels = map[string]int{}
	}
	p.labels[name] = len(p.list)
}

func (p *program) mark(name string) {
	if p.jumps == nil {
		p.jumps = map[int]string{}
	}
	p.jumps[len(p.list)] = name
}

// jump goes to a place if A is val, unless if it is not, to always.
func (p *program) jump(val uint32, name string) {
	p.mark(name)
	p.add(bpf.JumpIf{Cond: bpf.JumpEqual, Val: val})
}

func (p *program) unless(val uint32, name string) {
	p.mark(name)
	p.add(bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: val})
}

func (p *program) to(name string) {
	p.mark(name)
	p.add(bpf.Jump{})
}

func (p *program) link() []bpf.Instruction {
	for at, name := range p.jumps {
		skip := p.labels[name] - at - 1
		switch j := p.list[at].(type) {
		case bpf.JumpIf:
			j.SkipTrue = uint8(skip)
			p.list[at] = j
		case bpf.Jump:
			j.Skip = uint32(skip)
			p.list[at] = j
		}
	}
	return p.list
}

// attachFilter puts a program onto a socket, in place of the one that it has.
func attachFilter(fd int, program []bpf.Instruction) error {
	raw, err := bpf.Assemble(program)
	if err != nil {
		return fmt.Errorf("assemble packet filter: %w", err)
	}
	list := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		list[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	prog := unix.SockFprog{Len: uint16(len(list)), Filter: &list[0]}
	if err := unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &prog); err != nil {
		return fmt.Errorf("attach packet filter: %w", err)
	}
	return nil
}
