package l7

func status16(p []byte) uint16 { return uint16(p[0]) | uint16(p[1])<<8 }

// lengthEncoded reads a length-encoded integer and its width; 0: there is none.
func lengthEncoded(p []byte) (v uint64, width int) {
	if len(p) == 0 {
		return 0, 0
	}
	width = 1
	switch p[0] {
	case 0xfb, 0xff:
		return 0, 0
	case 0xfc:
		width = 3
	case 0xfd:
		width = 4
	case 0xfe:
		width = 9
	default:
		return uint64(p[0]), 1
	}
	if len(p) < width {
		return 0, 0
	}
	for i := width - 1; i > 0; i-- {
		v = v<<8 | uint64(p[i])
	}
	return v, width
}
