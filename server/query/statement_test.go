package query

import "testing"

func TestOnlyStatementsThatReadBeginLikeThem(t *testing.T) {
	t.Parallel()
	for _, sql := range []string{
		"SELECT 1", "select\t1", "SELECT*FROM t", "\n -- why\n /* SELECT */ WITH 1 AS a SELECT a", "(SELECT 1) UNION ALL (SELECT 2)", "#!note\nSHOW TABLES",
		"DESC spans", "DESCRIBE TABLE spans", "EXPLAIN SELECT 1", "EXISTS TABLE spans", "\ufeffSELECT 1",
	} {
		if !reads(sql) {
			t.Errorf("%q is refused", sql)
		}
	}
	for _, sql := range []string{
		"", "KILL QUERY WHERE 1", "/* SELECT */ KILL QUERY WHERE 1", "-- SELECT\nDROP TABLE t", "/* SELECT", "-- SELECT 1", "SELECTED", "INSERT INTO t SELECT 1", "SET x = 1",
		"SYSTEM SHUTDOWN", "USE system", "`SELECT`", "\x00SELECT 1", "BACKUP DATABASE d TO Disk('a', 'b')", "CHECK TABLE t", "1; SELECT",
	} {
		if reads(sql) {
			t.Errorf("%q passes", sql)
		}
	}
}

func FuzzReads(f *testing.F) {
	f.Add("/* a */ -- b\n(SELECT 1)")
	f.Fuzz(func(_ *testing.T, sql string) { reads(sql) })
}
