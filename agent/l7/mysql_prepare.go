package l7

// The answer to a COM_STMT_PREPARE is an OK of its own form, then two blocks of definitions.

// preparedOK reads the answer to a COM_STMT_PREPARE.
func (d *mysqlDialogue) preparedOK(p []byte, atEnd bool, f *Fields) bool {
	if p[0] != mysqlOK || len(p) < 9 {
		return true
	}
	d.statements.Prepared(statementID(p[1:]), f.Resource)
	r := &d.response
	r.columns = uint64(status16(p[5:]))
	r.defs = uint64(status16(p[7:]))
	if r.defs == 0 {
		r.defs, r.columns = r.columns, 0
	}
	r.stage = mysqlPrepDefs
	return r.defs == 0
}

// definitionsEnd: a block of definitions is complete. Whether an EOF follows is known by
// the login, else by whether anything follows.
func (d *mysqlDialogue) definitionsEnd(atEnd bool) bool {
	switch {
	case d.withoutEOF(), !d.knowCaps && d.response.columns == 0 && atEnd:
		return d.nextDefinitions()
	}
	d.response.stage = mysqlPrepEOF
	return false
}

func (d *mysqlDialogue) nextDefinitions() bool {
	r := &d.response
	r.defs, r.columns = r.columns, 0
	r.stage = mysqlPrepDefs
	return r.defs == 0
}
