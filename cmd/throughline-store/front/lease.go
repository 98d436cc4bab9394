package front

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline-io/throughline/cmd/throughline-store/libchdb"
)

// lease is a place in a pool: a connection, opened on first use, and what was last set on
// it.
type lease struct {
	connect  func() (*libchdb.Conn, error)
	readOnly bool
	memory   int64 // the most that a statement may take; 0: what the engine has

	conn     *libchdb.Conn
	settings map[string]string
	database string
}

// readerSettings are what a reader may set for a statement. Others are ignored, as
// clients send some with every query.
var readerSettings = map[string]bool{
	"max_execution_time": true, "max_threads": true, "max_result_rows": true, "max_result_bytes": true, "result_overflow_mode": true,
	"max_rows_to_read": true, "max_bytes_to_read": true, "max_memory_usage": true, "max_block_size": true, "use_skip_indexes": true,
	"optimize_read_in_order": true, "date_time_output_format": true, "output_format_json_quote_64bit_integers": true, "timeout_overflow_mode": true,
	"use_query_condition_cache": true, "read_in_order_use_buffering": true, "query_plan_direct_read_from_text_index": true, "enable_analyzer": true, "compile_expressions": true, "use_skip_indexes_on_data_read": true, "merge_tree_coarse_index_granularity": true,
}

// maxMemory is the setting that bounds one statement.
const maxMemory = "max_memory_usage"

// apply makes the connection's settings and database exactly those of the request.
func (c *lease) apply(settings map[string]string, database string) error {
	if c.readOnly {
		return c.applyReader(settings, database)
	}
	if err := c.open(); err != nil {
		return err
	}
	var changes []string
	for name := range c.settings {
		if _, ok := settings[name]; !ok {
			changes = append(changes, name+" = DEFAULT")
		}
	}
	for name, value := range settings {
		if c.settings[name] != value {
			changes = append(changes, name+" = "+quote(value))
		}
	}
	if err := c.set(changes); err != nil {
		c.close() // what of it was set is not known
		return err
	}
	c.settings = settings
	return c.use(database)
}

// wanted are the settings that a connection has for a statement with some: a reader's are not all
// taken.
func (c *lease) wanted(settings map[string]string) map[string]string {
	if !c.readOnly {
		return settings
	}
	taken := map[string]string{}
	for name, value := range settings {
		if readerSettings[name] {
			taken[name] = value
		}
	}
	if c.memory > 0 {
		if wanted, err := strconv.ParseInt(taken[maxMemory], 10, 64); err != nil || wanted <= 0 || wanted > c.memory {
			taken[maxMemory] = strconv.FormatInt(c.memory, 10)
		}
	}
	return taken
}

// has reports whether nothing must be set for a statement.
func (c *lease) has(settings map[string]string, database string) bool {
	return c.conn != nil && c.database == database && maps.Equal(c.settings, c.wanted(settings))
}

// applyReader gives a connection with readonly = 1. Nothing can be set on it afterwards,
// so for other settings or another database it is opened anew, which takes 0.7 ms.
func (c *lease) applyReader(settings map[string]string, database string) error {
	if c.has(settings, database) {
		return nil
	}
	settings = c.wanted(settings)
	c.close()
	if err := c.open(); err != nil {
		return err
	}
	var changes []string
	for name, value := range settings {
		changes = append(changes, name+" = "+quote(value))
	}
	err := c.use(database)
	if err == nil {
		err = c.set(changes)
	}
	if err == nil {
		err = c.conn.Exec("SET readonly = 1")
	}
	if err != nil {
		c.close()
		return err
	}
	c.settings = settings
	return nil
}

func (c *lease) open() error {
	if c.conn != nil {
		return nil
	}
	conn, err := c.connect()
	if err != nil {
		return err
	}
	c.conn, c.settings, c.database = conn, map[string]string{}, "default"
	return nil
}

func (c *lease) close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

func (c *lease) set(changes []string) error {
	if len(changes) == 0 {
		return nil
	}
	slices.Sort(changes)
	return c.conn.Exec("SET " + strings.Join(changes, ", "))
}

func (c *lease) use(database string) error {
	if database == c.database {
		return nil
	}
	if err := c.conn.Exec("USE `" + strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(database) + "`"); err != nil {
		return err
	}
	c.database = database
	return nil
}

func quote(v string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v) + "'"
}
