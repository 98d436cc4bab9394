package net

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/throughline-io/throughline/agent/topology"
)

// The ring's shape. The kernel hands a block over when it is full or after retireMs, so
// every retirement uses up a block however few packets it holds: undrained, a ring of 64
// blocks lasts 1.3 s at most.
const (
	blockSize = 64 << 10
	retireMs  = 20
	frameSize = 2048 // means nothing in TPACKET_V3 but has to divide blockSize

	defaultRing = 4 << 20
)

// ring is an AF_PACKET socket on one interface and the memory (TPACKET_V3) in which the
// kernel puts what passes there, both ways.
type ring struct {
	fd     int
	mem    []byte
	blocks int
	next   int // block
}

// captured is a packet in the ring. Its data is valid during the callback only.
type captured struct {
	data     []byte
	wireLen  int
	time     int64 // Unix ns
	outgoing bool  // leaves the node's stack by the interface
}

// openRing opens a socket in the network namespace at path; it stays there, whatever
// thread uses it.
func openRing(netns string, index, size int) (*ring, error) {
	fd := -1
	err := topology.Inside(netns, func() (err error) {
		// Protocol 0: nothing is captured before filter and ring are in place.
		fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open packet socket (needs CAP_NET_RAW): %w", err)
	}
	if size == 0 {
		size = defaultRing
	}
	r := &ring{fd: fd, blocks: max(2, size/blockSize)}
	if err := r.setup(index); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return r, nil
}

func (r *ring) setup(index int) error {
	if err := attachFilter(r.fd, filter()); err != nil {
		return err
	}
	if err := unix.SetsockoptInt(r.fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return fmt.Errorf("packet socket: choose TPACKET_V3 (needs Linux 3.2): %w", err)
	}
	req := unix.TpacketReq3{
		Block_size: blockSize, Block_nr: uint32(r.blocks), Frame_size: frameSize, Frame_nr: uint32(blockSize / frameSize * r.blocks), Retire_blk_tov: retireMs,
	}
	if err := unix.SetsockoptTpacketReq3(r.fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &req); err != nil {
		return fmt.Errorf("packet socket: allocate a ring of %d bytes: %w", blockSize*r.blocks, err)
	}
	mem, err := unix.Mmap(r.fd, 0, blockSize*r.blocks, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("packet socket: map the ring: %w", err)
	}
	all := binary.BigEndian.Uint16(binary.NativeEndian.AppendUint16(nil, unix.ETH_P_ALL))
	if err := unix.Bind(r.fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: index}); err != nil {
		_ = unix.Munmap(mem)
		return fmt.Errorf("packet socket: bind to interface %d: %w", index, err)
	}
	r.mem = mem
	return nil
}

// drain calls do for every packet that the kernel has handed over, without waiting, and says in how many blocks
// they were.
func (r *ring) drain(do func(*captured)) (blocks int) {
	var p captured
	for ; ; blocks++ {
		block := r.mem[r.next*blockSize : (r.next+1)*blockSize]
		head := (*unix.TpacketHdrV1)(unsafe.Pointer(&block[8])) // behind version and offset_to_priv
		if atomic.LoadUint32(&head.Block_status)&unix.TP_STATUS_USER == 0 {
			return blocks
		}
		at := head.Offset_to_first_pkt
		for range head.Num_pkts {
			h := (*unix.Tpacket3Hdr)(unsafe.Pointer(&block[at]))
			link := (*unix.RawSockaddrLinklayer)(unsafe.Pointer(&block[at+unix.SizeofTpacket3Hdr]))
			start := at + uint32(h.Mac)
			p.data = block[start : start+h.Snaplen]
			p.wireLen = int(h.Len)
			p.time = int64(h.Sec)*1e9 + int64(h.Nsec)
			p.outgoing = link.Pkttype == unix.PACKET_OUTGOING // the only value that tells the direction
			do(&p)
			at += h.Next_offset
		}
		atomic.StoreUint32(&head.Block_status, unix.TP_STATUS_KERNEL)
		r.next = (r.next + 1) % r.blocks
	}
}

// silence lets no more packets in; what is in the ring can be read.
func (r *ring) silence() error {
	return attachFilter(r.fd, []bpf.Instruction{bpf.RetConstant{Val: 0}})
}

// statistics are the kernel's counts since the last call.
func (r *ring) statistics() (packets, drops uint32) {
	s, err := unix.GetsockoptTpacketStatsV3(r.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return 0, 0 // the interface is gone
	}
	return s.Packets, s.Drops
}

func (r *ring) close() {
	_ = unix.Munmap(r.mem)
	_ = unix.Close(r.fd)
}
