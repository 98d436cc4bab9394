package span_test

import (
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// An id is found in whatever form a tool shows it.
func TestIDsAsOtherToolsWriteThem(t *testing.T) {
	t.Parallel()
	const short = "00f067aa0ba902b7"
	for text, want := range map[string]string{
		long:                                   long,
		" " + strings.ToUpper(long) + "\n":     long,
		"0x" + long:                            long,
		`"` + long + `"`:                       long,
		"4bf92f35-77b3-4da6-a3ce-929d0e0e4736": long,
		"00-" + long + "-" + short + "-01":     long,
		"1-4bf92f35-77b34da6a3ce929d0e0e4736":  long,
		"bf92f3577b34da6a3ce929d0e0e4736":      "0bf92f3577b34da6a3ce929d0e0e4736",
		short:                                  short,
		"0X00F067AA0BA902B7":                   short,
		"f067aa0ba902b7":                       short,
		strings.Repeat("0", 16) + short:        strings.Repeat("0", 16) + short,
	} {
		id, err := span.ParseAnyID(text)
		if err != nil || id.String() != want {
			t.Errorf("%q became %s, %v; want %s", text, id, err, want)
		}
		if got := id.Trace.String(); got != strings.Repeat("0", 32-len(want))+want {
			t.Errorf("%q is trace %s", text, got)
		}
		if id.Span.IsZero() != (len(want) == 32) || id.Own() != 0 && span.FormatID(id.Own()) != want {
			t.Errorf("%q is span %s, ours %x", text, id.Span, id.Own())
		}
	}
}

func TestWhatIsNoID(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "no id", " - ": "want hex digits", "-1": "want hex digits", long + "'": "want hex digits", "0x": "no id", "web-shop": "want hex digits", long + "0": "33 digits", "0000": "zeros",
		"'": "no id", "4bf92f35\x00": "want hex digits", strings.Repeat("é", 500): "want hex digits",
	} {
		if id, err := span.ParseAnyID(text); err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 800 {
			t.Errorf("%.40q became %s, %v; want an error that says %q", text, id, err, want)
		}
	}
}

const long = "4bf92f3577b34da6a3ce929d0e0e4736"

func FuzzParseAnyID(f *testing.F) {
	f.Add("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	f.Add("1-58406520-a006649127e371903a2de979")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := span.ParseAnyID(text)
		if err != nil {
			return
		}
		if again, err := span.ParseAnyID(id.String()); err != nil || again != id {
			t.Errorf("%q is %s, which is %s, %v", text, id, again, err)
		}
	})
}
