package redact_test

import (
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/redact"
)

func TestSQL(t *testing.T) {
	t.Parallel()
	f := func(text, want string) {
		t.Helper()
		if got := redact.SQL(text); got != want {
			t.Errorf("SQL(%q) = %q, want %q", text, got, want)
		}
	}
	f("CREATE USER app@'%' IDENTIFIED BY 's3cret'", "CREATE USER app@'%' IDENTIFIED BY 'REDACTED'")
	f("create user 'a'@'h' identified with mysql_native_password by 'it''s', 'b' identified by \"x\\\"y\" require ssl",
		"create user 'a'@'h' identified with mysql_native_password by 'REDACTED', 'b' identified by \"REDACTED\" require ssl")
	f("ALTER USER app IDENTIFIED VIA ed25519 USING PASSWORD('s3cret')", "ALTER USER app IDENTIFIED VIA ed25519 USING PASSWORD('REDACTED')")
	f("GRANT ALL ON *.* TO app IDENTIFIED BY PASSWORD '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'", "GRANT ALL ON *.* TO app IDENTIFIED BY PASSWORD 'REDACTED'")
	f("SET PASSWORD = 's3cret'", "SET PASSWORD = 'REDACTED'")
	f("SET PASSWORD FOR 'app'@'%' = PASSWORD('s3cret')", "SET PASSWORD FOR 'app'@'%' = PASSWORD('REDACTED')")
	f("SET PASSWORD FOR 'app'@'%' = 's3cret'", "SET PASSWORD FOR 'app'@'%' = 'REDACTED'")
	f("CHANGE MASTER TO MASTER_HOST='db', MASTER_PASSWORD='s3cret', MASTER_PORT=3306", "CHANGE MASTER TO MASTER_HOST='db', MASTER_PASSWORD='REDACTED', MASTER_PORT=3306")
	f("CREATE ROLE app LOGIN PASSWORD 's3cret' VALID UNTIL '2027-01-01'", "CREATE ROLE app LOGIN PASSWORD 'REDACTED' VALID UNTIL '2027-01-01'")
	f("UPDATE users SET password='s3cret' WHERE name='joe'", "UPDATE users SET password='REDACTED' WHERE name='joe'")
	f("CREATE USER app IDENTIFIED BY 'cut of", "CREATE USER app IDENTIFIED BY 'REDACTED")
	for _, same := range []string{
		"", "SELECT 1", "SELECT password FROM users WHERE name = 'joe'", "SELECT 'IDENTIFIED BY' , 'x'",
		"INSERT INTO t VALUES ('it''s', \"a\\\"b\")", "ALTER USER app PASSWORD EXPIRE, 'x'", "SELECT secrets FROM t WHERE a = 'x'",
	} {
		f(same, same)
	}
}

func TestPostgreSQL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ALTER ROLE app PASSWORD 's3cret'":                         "ALTER ROLE app PASSWORD 'REDACTED'",
		"ALTER ROLE app PASSWORD $$s3cret$$":                       "ALTER ROLE app PASSWORD $$REDACTED$$",
		"ALTER ROLE app PASSWORD $x$s3$$cret$x$ VALID UNTIL 'now'": "ALTER ROLE app PASSWORD $x$REDACTED$x$ VALID UNTIL 'now'",
		"ALTER ROLE app PASSWORD $$s3cret":                         "ALTER ROLE app PASSWORD $$REDACTED",
		`SELECT 'a\', 1; ALTER ROLE app PASSWORD 's3cret'`:         `SELECT 'a\', 1; ALTER ROLE app PASSWORD 'REDACTED'`,
		`ALTER ROLE app PASSWORD E's3\'cret', 'x'`:                 `ALTER ROLE app PASSWORD E'REDACTED', 'x'`,
		"DO $$ BEGIN ALTER ROLE app PASSWORD 's3cret'; END $$":     "DO $$ BEGIN ALTER ROLE app PASSWORD 'REDACTED'; END $$",
		"SELECT $1, $2, $3, $4 FROM t WHERE password = $5":         "SELECT $1, $2, $3, $4 FROM t WHERE password = $5",
		"UPDATE t SET password = $1 WHERE a = $2 AND b$c$d = 'x'":  "UPDATE t SET password = $1 WHERE a = $2 AND b$c$d = 'x'",
	} {
		if got := redact.PostgreSQL(text); got != want {
			t.Errorf("PostgreSQL(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestRedisError(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ERR unknown command 'LOGIN', with args beginning with: 's3cret' ": "ERR unknown command 'LOGIN', with args beginning with: REDACTED",
		"WRONGTYPE Operation against a key":                                "WRONGTYPE Operation against a key",
	} {
		if got := redact.RedisError(text); got != want {
			t.Errorf("RedisError(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestSQLError(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"syntax error near 'IDENTIFIED BY 's3cret'' at line 1":   "syntax error near 'IDENTIFIED BY 'REDACTED",
		"Table 'shop.t' doesn't exist":                           "Table 'shop.t' doesn't exist",
		"Access denied for user 'app'@'h' (using password: YES)": "Access denied for user 'app'@'h' (using password: YES)",
	} {
		if got := redact.SQLError(text); got != want {
			t.Errorf("SQLError(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestURL(t *testing.T) {
	t.Parallel()
	f := func(text, want string) {
		t.Helper()
		if got := redact.URL(text); got != want {
			t.Errorf("URL(%q) = %q, want %q", text, got, want)
		}
	}
	const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
	f("/a?token=abc&page=2", "/a?token=REDACTED&page=2")
	f("/a?page=2&Access_Token=abc#x", "/a?page=2&Access_Token=REDACTED#x")
	f("/login?user=joe&password=a%20b", "/login?user=joe&password=REDACTED")
	f("/cb?code=abc&state=1", "/cb?code=REDACTED&state=1")
	f("/o?X-Amz-Signature=ff&X-Amz-Credential=a/b&X-Amz-Date=1", "/o?X-Amz-Signature=REDACTED&X-Amz-Credential=REDACTED&X-Amz-Date=1")
	f("/cart;jsessionid=0123?x=1", "/cart;jsessionid=REDACTED?x=1")
	f("/verify/"+jwt+"/done", "/verify/REDACTED/done")
	f("/a?state="+jwt, "/a?state=REDACTED")
	f("/a?api-key=1;token=2", "/a?api-key=REDACTED;token=REDACTED")
	for _, same := range []string{"", "/", "/a?b", "/a?token", "/a?token=", "/tokens/list?page=1&sort=key", "*", "/eyJ.x.y", "/a;v=1/b"} {
		f(same, same)
	}
	if got := redact.Authority("user:s3cret@shop.example:80"); got != "shop.example:80" {
		t.Error(got)
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("SET PASSWORD FOR 'app'@'%' = PASSWORD('s3cret')")
	f.Add("ALTER ROLE app PASSWORD $x$s3$$cret$x$ VALID UNTIL E'n\\'ow'")
	f.Add("/cart;jsessionid=0123?token=x&y#z")
	f.Fuzz(func(t *testing.T, text string) {
		for _, of := range []func(string) string{redact.SQL, redact.URL, redact.PostgreSQL, redact.RedisError} {
			once := of(text)
			if again := of(once); again != once {
				t.Errorf("%q: %q, and of that %q", text, once, again)
			}
			if len(once) < len(text) && !strings.Contains(once, redact.Mark) {
				t.Errorf("%q became %q", text, once)
			}
		}
	})
}
