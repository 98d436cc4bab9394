package main

import (
	"fmt"
	"math"
)

// onOff reads a flag that is "on" or "off".
func onOff(flag, value string) (bool, error) {
	switch value {
	case "on":
		return true, nil
	case "off":
		return false, nil
	}
	return false, fmt.Errorf("--%s %q: want on or off", flag, value)
}

func tcpPort(p uint) (uint16, error) {
	if p == 0 || p > math.MaxUint16 {
		return 0, fmt.Errorf("port %d: want 1 to 65535", p)
	}
	return uint16(p), nil
}
