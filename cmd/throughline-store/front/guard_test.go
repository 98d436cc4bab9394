package front

import (
	"slices"
	"strings"
	"testing"
)

func TestTokensKnowWhereQuotesAndCommentsEnd(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		"SELECT 1":                            "SELECT 1",
		"SELECT 'a;b' FROM t":                 "SELECT ' FROM t",
		`SELECT 'a\';b''c'`:                   "SELECT '",
		"SELECT `a;b`, \"c\"":                 "SELECT `a;b , \"c",
		"SELECT 1 -- ; INTO OUTFILE\n+2":      "SELECT 1 + 2",
		"SELECT 1 # ; x\n+2":                  "SELECT 1 + 2",
		"SELECT /* ; */ 1":                    "SELECT 1",
		"SELECT $$;$$, $a$ ; $$ ; $a$ FROM t": "SELECT ' , ' FROM t",
		"INTO/**/OUTFILE":                     "INTO OUTFILE",
		`SELECT x'\', b`:                      `SELECT x'\' , b`,
		"SELECT ‘'":                           "SELECT \xe2 \x80 \x98 '",
		"INTO\u00a0OUTFILE":                   "INTO \xc2 \xa0 OUTFILE",
		"":                                    "",
		"'open":                               "'",
		"/* open":                             "",
	} {
		if got := strings.Join(slices.Collect(tokens(sql)), " "); got != want {
			t.Errorf("%q: got %q, want %q", sql, got, want)
		}
	}
}

func TestReadersAreRefusedWhatReadOnlyDoesNotCover(t *testing.T) {
	t.Parallel()
	refused := []string{
		"SELECT 1 INTO OUTFILE 'x'", "select 1 into\n\toutfile 'x'", "SELECT 1 INTO /* */ OUTFILE 'x'", "SELECT file('/etc/passwd')", "SELECT File ('x')",
		"SELECT `file`('x')", "SELECT \"file\"('x')", "SELECT `f\\x69le`('x')", "SELECT * APPLY(file) FROM t", "SELECT * APPLY file FROM t", "SELECT 1; SELECT 2", "INSERT INTO t FROM INFILE 'x'",
		"SELECT ‘'’, file('x'), ‘'’", "SELECT x'\\', file('x')", "INTO\u00a0OUTFILE",
	}
	for _, sql := range refused {
		if checkReader(sql) == nil {
			t.Errorf("%q is let through", sql)
		}
	}
	for _, sql := range []string{"SELECT 1", "SELECT 1;", "SELECT 1 ; -- end", "SELECT 'INTO OUTFILE; file(1)'", "SELECT attributes['file'] FROM spans", "SELECT `file name` FROM t", "SELECT 1 AS `Größe`, 2 AS ``", "SELECT a\\b"} {
		if err := checkReader(sql); err != nil {
			t.Errorf("%q: %v", sql, err)
		}
	}
}

func FuzzTokensEnd(f *testing.F) {
	for _, s := range []string{"SELECT 'a", "$a$", "$$", "`", "--", "/*", "\\", "$$$", "$a$b$a$"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		n := 0
		for range tokens(sql) {
			if n++; n > len(sql) {
				t.Fatalf("%q: more tokens than bytes", sql)
			}
		}
	})
}
