package store

import "testing"

// What was said last of a group counts, and of each the newest version of its configuration.
func TestAgentGroupsAndTheirConfigurations(t *testing.T) {
	t.Parallel()
	s := open(t)
	before, err := s.AgentGroupsStamp(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range []AgentGroup{
		{ID: "g-1", Name: "edge", At: 1}, {ID: "g-2", Name: "core", At: 2}, {ID: "g-1", Name: "edges", At: 3}, {ID: "g-2", Name: "core", Deleted: true, At: 4},
	} {
		if err := s.PutAgentGroup(t.Context(), g); err != nil {
			t.Fatal(err)
		}
	}
	groups, err := s.AgentGroups(t.Context())
	if err != nil || len(groups) != 1 || groups[0] != (AgentGroup{ID: "g-1", Name: "edges", At: 3}) {
		t.Errorf("groups %+v, %v", groups, err)
	}
	// Two servers made version 2 at a time: the first one counts.
	for _, c := range []AgentConfig{
		{Group: "g-1", Version: 1, At: 10, What: "create", Author: "ann", YAML: "a: 1"},
		{Group: "g-1", Version: 2, At: 21, Key: 7, What: "update", Author: "bob", YAML: "a: 3"},
		{Group: "g-1", Version: 2, At: 20, Key: 9, What: "update", Author: "ann", YAML: "a: 2"},
		{Group: "g-2", Version: 1, At: 10, What: "create", YAML: "b: 1"}, {Group: "g-2", Version: 2, At: 30, What: "delete"},
	} {
		if err := s.PutAgentConfig(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	newest, err := s.AgentConfigs(t.Context())
	if err != nil || len(newest) != 2 || newest[0] != (AgentConfig{Group: "g-1", Version: 2, At: 20, Key: 9, What: "update", Author: "ann", YAML: "a: 2"}) || newest[1].YAML != "" || newest[1].Version != 2 {
		t.Errorf("newest %+v, %v", newest, err)
	}
	first, err := s.AgentConfigAt(t.Context(), "g-1", 1)
	if err != nil || first == nil || first.YAML != "a: 1" {
		t.Errorf("version 1: %+v, %v", first, err)
	}
	if none, err := s.AgentConfigAt(t.Context(), "g-1", 9); err != nil || none != nil {
		t.Errorf("version 9: %+v, %v", none, err)
	}
	history, err := s.AgentConfigHistory(t.Context(), "g-1", 10)
	if err != nil || len(history) != 2 || history[0].Version != 2 || history[0].Author != "ann" || history[1].Version != 1 {
		t.Errorf("history %+v, %v", history, err)
	}
	after, err := s.AgentGroupsStamp(t.Context())
	if err != nil || after == before {
		t.Errorf("the stamp is %q as before, %v", after, err)
	}
}
