package session_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func graphqlTurns() (turns []turn) {
	ask := "POST /shop/graphql HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 18\r\n\r\n" + `{"query":"{shop}"}`
	answer := func(body string) turn {
		return turn{fromServer, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)}
	}
	chunked := func(chunks ...string) turn {
		text := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		for _, c := range chunks {
			text += fmt.Sprintf("%x\r\n%s\r\n", len(c), c)
		}
		return turn{fromServer, text + "0\r\n\r\n"}
	}
	for _, t := range []turn{
		answer(`{"errors":[{"message":"no \"shop\"","locations":[{"line":1}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}`),
		answer(`{"data":{"errors":[1],"shop":["errors"]},"extensions":{"x":"\"errors\":[1]"}}`),
		answer(` { "data" : null , "errors" : [ { "message" : "database is gone" } ] }`),
		answer(`{"errors":[],"data":{}}`),
		chunked(`{"errors":[{"message":"late","extensions":{"code":"INTERNAL_SERVER_ERROR"}}],`, `"data":null}`),
		answer(`{"data":"` + strings.Repeat("d", 3000) + `","errors":[{"message":"behind"}]}`),
		answer(``),
	} {
		turns = append(turns, turn{fromClient, ask}, t)
	}
	return turns
}

// GraphQL says 200, whatever went wrong: where the beginning of the body was seen, it says what.
func TestGraphQL(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut(graphqlTurns(), 1, 1, whole)...)
	var got []string
	for _, s := range o.full {
		text := fmt.Sprint(s.L7.Code, " ", s.L7.Status, " ", s.L7.StatusMessage)
		for _, a := range s.L7.Attributes {
			text += " " + a.Key + "=" + a.Value
		}
		got = append(got, text)
	}
	want := []string{
		`200 client error no \"shop\" error.type=GRAPHQL_VALIDATION_FAILED`, "200 ok ", "200 server error database is gone", "200 ok ",
		"200 server error late error.type=INTERNAL_SERVER_ERROR", "200 ok ", "200 ok ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s\nledger %v", diff, o.ledger.Rows())
	}
}
