package l7

import (
	"bytes"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// graphqlBytes are those of an answer's body that are read: errors stand in front (spec.graphql.org, 7.1.1, recommends it), else
// little does.
const graphqlBytes = 512

// asksGraphQL tells by a path whether GraphQL is asked, whose answers say 200 whatever went wrong (graphql-over-http, 6.4.1).
func asksGraphQL(endpoint string) bool {
	return strings.HasSuffix(strings.TrimSuffix(endpoint, "/"), "/graphql")
}

// errors reads the beginning of the body of an answer to GraphQL; false: it is not there yet.
func (b *httpBody) errors(data []byte, missing int, f *Fields) bool {
	want := b.left
	if b.stage == httpChunk {
		eol := bytes.IndexByte(data[:min(len(data), maxChunkLine)], '\n')
		if eol < 0 {
			return missing > 0 || len(data) >= maxChunkLine
		}
		size, _ := chunkSize(data[:eol])
		want, data = size, data[eol+1:]
	}
	if want = min(want, graphqlBytes); uint64(len(data)) < want && missing == 0 {
		return false
	}
	if said, ok := graphqlErrors(data[:min(uint64(len(data)), want)]); ok && f != nil {
		code := jsonText(said, `"code"`)
		f.Status = span.StatusServerError
		switch string(code) {
		case "BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_REQUEST", "UNAUTHENTICATED", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND", "PERSISTED_QUERY_NOT_FOUND":
			f.Status = span.StatusClientError
		}
		f.StatusMessage = string(jsonText(said, `"message"`))
		if len(code) > 0 {
			f.attributes(span.Attribute{Key: "error.type", Value: textOf(code), Type: span.AttributeString})
		}
	}
	return true
}

// graphqlErrors is what stands behind the beginning of an object's member errors, if that is a list with something in it.
func graphqlErrors(body []byte) (list []byte, ok bool) {
	body = bytes.TrimLeft(body, " \t\r\n")
	if len(body) == 0 || body[0] != '{' {
		return nil, false
	}
	depth, key := 0, true // whether a name is next, of the object itself
	for i := 0; i < len(body); i++ {
		switch c := body[i]; c {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',':
			key = depth == 1
		case '"':
			end := jsonEnd(body[i+1:])
			if end < 0 {
				return nil, false
			}
			if depth == 1 && key {
				if key = false; string(body[i+1:i+1+end]) == "errors" {
					rest := bytes.TrimLeft(body[i+end+2:], ": \t\r\n")
					if len(rest) < 2 || rest[0] != '[' {
						return nil, false
					}
					rest = bytes.TrimLeft(rest[1:], " \t\r\n")
					return rest, len(rest) > 0 && rest[0] != ']'
				}
			}
			i += end + 1
		}
	}
	return nil, false
}

// jsonEnd is where a text ends that data begins behind whose quote; -1: not here.
func jsonEnd(data []byte) int {
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// jsonText is the text of the first member of a name, as it is written, or what is there of it.
func jsonText(data []byte, name string) []byte {
	_, data, _ = bytes.Cut(data, []byte(name))
	data = bytes.TrimLeft(data, ": \t\r\n")
	if len(data) == 0 || data[0] != '"' {
		return nil
	}
	if end := jsonEnd(data[1:]); end >= 0 {
		return data[1 : 1+end]
	}
	return data[1:]
}
