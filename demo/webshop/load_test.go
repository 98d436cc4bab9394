package webshop

import "testing"

const heyReport = `
Summary:
  Total:	0.3110 secs
  Requests/sec:	321.5

Status code distribution:
  [200]	97 responses
  [500]	2 responses

Error distribution:
  [1]	Get "http://web-shop:8080/full-test": context deadline exceeded (Client.Timeout exceeded while awaiting headers)
`

func TestParseHey(t *testing.T) {
	t.Parallel()
	got := parseHey(heyReport)
	if got.Responses != 97 || got.Other != 3 {
		t.Errorf("got %d answers and %d others, want 97 and 3", got.Responses, got.Other)
	}
}
