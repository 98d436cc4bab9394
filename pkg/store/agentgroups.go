package store

import (
	"context"
	"fmt"
)

// AgentGroup is a group of agents that share a configuration.
type AgentGroup struct {
	ID      string
	Name    string
	Deleted bool
	At      int64 // of this word about it, Unix ns: the newest counts
}

// AgentConfig is a version of a group's configuration.
type AgentConfig struct {
	Group   string // its id
	Version uint64 // from 1
	At      int64  // Unix ns
	Key     uint64 // at random: of rows with one version the first by At and Key counts
	What    string // create, update, delete, rollback
	Author  string // as who made it called himself
	YAML    string // as it was given; "": deleted
}

// PutAgentGroup stores a word about a group.
func (s *Store) PutAgentGroup(ctx context.Context, g AgentGroup) error {
	deleted := uint8(0)
	if g.Deleted {
		deleted = 1
	}
	err := s.send(ctx, new(block), "agent_groups", "", func(b *block) {
		b.reset(4, 1)
		b.fixed("deleted", "UInt8", []byte{deleted})
		b.fixed("at", "Int64", memory([]uint64{uint64(g.At)}))
		b.oneText("id", g.ID)
		b.oneText("name", g.Name)
	})
	if err != nil {
		return fmt.Errorf("insert agent group %s: %w", g.ID, err)
	}
	return nil
}

// PutAgentConfig stores a version.
func (s *Store) PutAgentConfig(ctx context.Context, c AgentConfig) error {
	err := s.send(ctx, new(block), "agent_group_configs", "", func(b *block) {
		b.reset(7, 1)
		b.fixed("version", "UInt64", memory([]uint64{c.Version}))
		b.fixed("at", "Int64", memory([]uint64{uint64(c.At)}))
		b.fixed("key", "UInt64", memory([]uint64{c.Key}))
		b.oneText("group_id", c.Group)
		b.oneText("what", c.What)
		b.oneText("author", c.Author)
		b.oneText("yaml", c.YAML)
	})
	if err != nil {
		return fmt.Errorf("insert version %d of the configuration of agent group %s: %w", c.Version, c.Group, err)
	}
	return nil
}

// oneText is a column of one text.
func (b *block) oneText(name, value string) {
	b.header(name, "String")
	b.string(value)
}

// AgentGroups are the groups that are not deleted, by name.
func (s *Store) AgentGroups(ctx context.Context) (all []AgentGroup, err error) {
	rows, err := s.query(ctx, "SELECT id, argMax(name, at) AS last_name, max(at) AS last FROM agent_groups GROUP BY id HAVING argMax(deleted, at) = 0 ORDER BY last_name, id", nil, nil)
	if err != nil {
		return nil, fmt.Errorf("read the agent groups: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var g AgentGroup
		if err := rows.Scan(&g.ID, &g.Name, &g.At); err != nil {
			return nil, fmt.Errorf("read the agent groups: %w", err)
		}
		all = append(all, g)
	}
	return all, rows.Err()
}

// agentConfigs reads versions; of those with one number the first that was made.
func (s *Store) agentConfigs(ctx context.Context, yaml, where, rest string, p params) (all []AgentConfig, err error) {
	rows, err := s.query(ctx, "SELECT group_id, version, at, key, what, author, "+yaml+" AS text FROM (SELECT * FROM agent_group_configs WHERE "+where+
		" ORDER BY group_id, version, at, key LIMIT 1 BY group_id, version) "+rest, p, nil)
	if err != nil {
		return nil, fmt.Errorf("read the configuration of agent groups: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c AgentConfig
		if err := rows.Scan(&c.Group, &c.Version, &c.At, &c.Key, &c.What, &c.Author, &c.YAML); err != nil {
			return nil, fmt.Errorf("read the configuration of agent groups: %w", err)
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

// AgentConfigs are the newest versions of all groups, also those that say that there is none any more.
func (s *Store) AgentConfigs(ctx context.Context) ([]AgentConfig, error) {
	return s.agentConfigs(ctx, "yaml", "1", "ORDER BY group_id, version DESC LIMIT 1 BY group_id", nil)
}

// AgentConfigAt is one version of a group's configuration; nil where there is none.
func (s *Store) AgentConfigAt(ctx context.Context, group string, version uint64) (*AgentConfig, error) {
	all, err := s.agentConfigs(ctx, "yaml", "group_id = {group:String} AND version = {version:UInt64}", "", params{"group": group, "version": fmt.Sprint(version)})
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

// AgentConfigHistory are the newest versions of a group, newest first, without their texts.
func (s *Store) AgentConfigHistory(ctx context.Context, group string, most int) ([]AgentConfig, error) {
	return s.agentConfigs(ctx, "''", "group_id = {group:String}", fmt.Sprintf("ORDER BY version DESC LIMIT %d", most), params{"group": group})
}

// AgentGroupsStamp changes with every word about groups and every version.
func (s *Store) AgentGroupsStamp(ctx context.Context) (string, error) {
	var stamp string
	rows, err := s.query(ctx, "SELECT toString((SELECT (count(), sum(cityHash64(id, at))) FROM agent_groups)) || ' ' || toString((SELECT (count(), max(at)) FROM agent_group_configs)) AS stamp", nil, nil)
	if err != nil {
		return "", fmt.Errorf("ask whether agent groups changed: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&stamp); err != nil {
			return "", fmt.Errorf("ask whether agent groups changed: %w", err)
		}
	}
	return stamp, rows.Err()
}
