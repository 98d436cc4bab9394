package control

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/throughline-io/throughline/agentgroup"
)

// answerTime is what a call may take.
const answerTime = 30 * time.Second

// Paths are where the API's handler belongs.
var Paths = []string{"/api/v1/agents", "/api/v1/agent-groups", "/api/v1/agent-groups/", "/api/v1/agent-group-configs"}

// call is one call of the API.
type call struct {
	*http.Request
	query  url.Values
	author string
	dry    bool
}

func (r *call) group() string { return r.PathValue("group") }

// version is the parameter version, 0 where it is not there.
func (r *call) version() (uint64, error) {
	v := r.query.Get("version")
	if v == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(v, 10, 64)
	if err != nil || n == 0 {
		return 0, failed(http.StatusBadRequest, "version %q: want a number from 1", v)
	}
	return n, nil
}

// body is the configuration that was sent.
func (r *call) body() (string, error) {
	text, err := io.ReadAll(io.LimitReader(r.Body, agentgroup.MaxDocument+1))
	switch {
	case err != nil:
		return "", failed(http.StatusBadRequest, "the configuration did not arrive: %v", err)
	case len(text) > agentgroup.MaxDocument:
		return "", failed(http.StatusRequestEntityTooLarge, "the configuration has more than %d bytes", agentgroup.MaxDocument)
	case !utf8.Valid(text):
		return "", failed(http.StatusBadRequest, "the configuration is no UTF-8")
	}
	return string(text), nil
}

// Handler is the API. Who may call it is for who mounts it to say.
func (c *Control) Handler() http.Handler {
	mux := http.NewServeMux()
	on := func(pattern string, parameters []string, answer func(*call) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithTimeout(r.Context(), answerTime)
			defer cancel()
			if !c.isLoaded() {
				_ = c.refresh(ctx) // the store may be ready since Run asked it last; where it is not, the answer says so
			}
			v, err := called(r.WithContext(ctx), parameters, answer)
			if err != nil {
				status, message := statusOf(err)
				if status >= 500 {
					c.c.Log.Warn("a call about agent groups failed", "path", r.URL.Path, "error", message)
				}
				writeJSON(w, status, map[string]string{"error": message})
				return
			}
			writeJSON(w, http.StatusOK, v)
		})
	}
	on("GET /api/v1/agents", nil, func(*call) (any, error) { return c.Agents(), nil })
	on("GET /api/v1/agent-groups", []string{"group"}, func(r *call) (any, error) { return c.Groups(r.query.Get("group")) })
	on("POST /api/v1/agent-groups", []string{"author"}, c.createGroup)
	on("DELETE /api/v1/agent-groups/{group}", []string{"author"}, func(r *call) (any, error) { return c.DeleteGroup(r.Context(), r.group(), r.author) })
	on("GET /api/v1/agent-group-configs", nil, func(*call) (any, error) { return c.Configs() })
	put := func(what string) func(*call) (any, error) {
		return func(r *call) (any, error) {
			text, err := r.body()
			if err != nil {
				return nil, err
			}
			return c.Put(r.Context(), what, r.group(), text, r.author, r.dry)
		}
	}
	for method, what := range map[string]string{http.MethodPost: "create", http.MethodPut: "update"} {
		on(method+" /api/v1/agent-group-configs", []string{"author", "dry_run"}, put(what)) // the group stands in the text
		on(method+" /api/v1/agent-groups/{group}/config", []string{"author", "dry_run"}, put(what))
	}
	on("GET /api/v1/agent-groups/{group}/config", []string{"version"}, func(r *call) (any, error) {
		version, err := r.version()
		if err != nil {
			return nil, err
		}
		return c.Configuration(r.Context(), r.group(), version)
	})
	on("DELETE /api/v1/agent-groups/{group}/config", []string{"author", "dry_run"}, func(r *call) (any, error) {
		return c.Delete(r.Context(), r.group(), r.author, r.dry)
	})
	on("GET /api/v1/agent-groups/{group}/config/history", nil, func(r *call) (any, error) { return c.History(r.Context(), r.group()) })
	on("POST /api/v1/agent-groups/{group}/config/rollback", []string{"author", "dry_run", "version"}, func(r *call) (any, error) {
		version, err := r.version()
		if err != nil {
			return nil, err
		}
		return c.Rollback(r.Context(), r.group(), version, r.author, r.dry)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		_, pattern := mux.Handler(&http.Request{Method: http.MethodGet, URL: r.URL})
		status, message := http.StatusNotFound, "there is no "+r.URL.Path
		if pattern != "/" {
			status, message = http.StatusMethodNotAllowed, r.Method+" is not answered at "+r.URL.Path
		}
		writeJSON(w, status, map[string]string{"error": message})
	})
	return mux
}

// called reads the parameters that all calls have, refuses others, and answers.
func called(r *http.Request, parameters []string, answer func(*call) (any, error)) (any, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, failed(http.StatusBadRequest, "parameters: %v", err)
	}
	for name := range query {
		if !slices.Contains(parameters, name) {
			return nil, failed(http.StatusBadRequest, "there is no parameter %q here", name)
		}
	}
	one := &call{Request: r, query: query}
	switch v := query.Get("dry_run"); v {
	case "", "false":
	case "true":
		one.dry = true
	default:
		return nil, failed(http.StatusBadRequest, "dry_run %q: want true or false", v)
	}
	if one.author = query.Get("author"); one.author == "" {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			host = "a local user" // a unix socket
		}
		one.author = host
	}
	if len(one.author) > 200 || !utf8.ValidString(one.author) {
		return nil, failed(http.StatusBadRequest, "author: want at most 200 bytes of UTF-8")
	}
	return answer(one)
}

func (c *Control) createGroup(r *call) (any, error) {
	var group struct{ Name, ID string }
	decoder := json.NewDecoder(io.LimitReader(r.Body, 64<<10))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&group); err != nil {
		return nil, failed(http.StatusBadRequest, `want {"name": NAME, "id": ID}: %v`, err)
	}
	if group.Name == "" {
		return nil, failed(http.StatusBadRequest, "the group needs a name")
	}
	g, err := c.CreateGroup(r.Context(), group.Name, group.ID)
	if err != nil {
		return nil, err
	}
	c.c.Log.Info("an agent group was created", "name", g.Name, "id", g.ID, "by", fmt.Sprintf("%q", r.author))
	return g, nil
}
