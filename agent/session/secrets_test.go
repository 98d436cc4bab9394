package session_test

import (
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/session"
)

// Passwords and tokens leave the agent in no field, unless they are to be kept.
func TestSecretsAreTakenOut(t *testing.T) {
	t.Parallel()
	const login = "GET http://joe:s3cret@shop/login?user=joe&password=s3cret HTTP/1.1\r\n\r\n"
	turns := map[string][]turn{
		"http": {{fromClient, login}, {fromServer, ok5}},
		"mysql": {
			{fromClient, packet(0, "\x03CREATE USER app IDENTIFIED BY 's3cret'")},
			{fromServer, packet(1, "\xff\x28\x04#42000error near 'IDENTIFIED BY 's3cret'' at line 1")},
			{fromClient, packet(0, "\x16SET PASSWORD = 's3cret'")}, {fromServer, packet(1, "\x00\x05\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")},
			{fromClient, packet(0, "\x17\x05\x00\x00\x00\x00\x01\x00\x00\x00")}, {fromServer, packet(1, okPacket)},
		},
		"redis": {
			{fromClient, respCommand("AUTH", "app", "s3cret")}, {fromServer, "+OK\r\n"},
			{fromClient, respCommand("LOGON", "s3cret")}, {fromServer, "-ERR unknown command 'LOGON', with args beginning with: 's3cret' \r\n"},
			{fromClient, respCommand("CONFIG", "SET", "requirepass", "s3cret")}, {fromServer, "+OK\r\n"},
			{fromClient, respCommand("ACL", "SETUSER", "app", ">s3cret")}, {fromServer, "+OK\r\n"},
		},
	}
	for name, said := range turns {
		for _, keep := range []bool{false, true} {
			var texts []string
			note := func(s *session.Session) { texts = append(texts, s.L7.Resource, s.L7.Domain, s.L7.StatusMessage) }
			conn := session.NewConn(session.Options{Local: client, Remote: server, KeepSecrets: keep, OnRequest: note, OnSession: note})
			for _, p := range cut(said, 1, 1, whole) {
				conn.Feed(bool(p.from), &p.seg)
			}
			if all := strings.Join(texts, "\n"); strings.Contains(all, "s3cret") != keep || len(texts) == 0 {
				t.Errorf("%s, secrets kept: %v:\n%s", name, keep, all)
			}
		}
	}
}
