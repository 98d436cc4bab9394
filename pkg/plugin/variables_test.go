package plugin

import (
	"net/http"
	"strings"
	"testing"
)

// What the store leaves out of a list is said beside the list.
func TestListsSayWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	i := reading(t)
	res := ask(t, i, `{"queryType":"variables","name":"service","limit":1}`)
	if res.Error != nil || len(res.Frames) != 1 || res.Frames[0].Rows() != 1 || res.Frames[0].Meta == nil || !strings.Contains(res.Frames[0].Meta.Notices[0].Text, "more than the 1 values") {
		t.Errorf("%+v", res)
	}
	const during = "&from=1600000000000&to=1900000000000"
	for path, want := range map[string]string{
		"/values/service?limit=1" + during:                               `[{"text":`,
		"/values/service?limit=1&leftOut=true" + during:                  `"leftOut":["there are more than the 1 values listed"]`,
		"/tag-values?key=service&leftOut=true" + during:                  `"leftOut":[]`,
		"/suggestions?field=service&text=&limit=1&leftOut=true" + during: `"leftOut":["there are more`,
		"/tag-keys?leftOut=true" + during:                                `{"values":[{"text":"namespace"}`,
		"/tag-values?key=status&leftOut=true":                            `"leftOut":[]`,
		"/suggestions?field=status&text=ERR":                             `[{"text":"error"},{"text":"client error"},{"text":"server error"}]`,
		"/tag-values?key=source":                                         `[{"text":"APP"},{"text":"SYS"},{"text":"NET"}]`,
		"/values/service?limit=many&leftOut=true":                        `is no number`,
	} {
		w := get(i, path)
		if !strings.Contains(w.Body.String(), want) || (w.Code != http.StatusOK) != strings.Contains(path, "many") {
			t.Errorf("%s: %d %s, want %s", path, w.Code, w.Body, want)
		}
	}
}
