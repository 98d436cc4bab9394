package sys

import "testing"

func TestLoad(t *testing.T) {
	for _, v := range []Variant{TPBTF, Tracepoint} {
		for _, b := range ladder(v) {
			p, err := loadBuild(b, options{payload: 1024, ring: 1 << 20})
			if err != nil {
				t.Errorf("%s: %+v", b, err)
				continue
			}
			p.Close()
		}
	}
}
