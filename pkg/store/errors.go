package store

import (
	"errors"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// ErrMalformed is wrapped by errors about the caller's input.
var ErrMalformed = errors.New("malformed")

// ErrPanic marks a defect of ours that a batch's contents brought to light: the same batch will
// do so again.
var ErrPanic = errors.New("internal error")

// ErrNewer says that a newer version of this program has changed the store's schema: what this one would write there, or read, is
// not known to be right.
var ErrNewer = errors.New("the store was made by a newer version")

// Error is an error that the store answered with.
type Error struct {
	Code    int // ClickHouse's
	Message string
}

func (e *Error) Error() string { return e.Message }

// code is ClickHouse's code of an error, 0 where the store did not answer.
func code(err error) int {
	var own *Error
	if errors.As(err, &own) {
		return own.Code
	}
	var theirs *clickhouse.Exception
	if errors.As(err, &theirs) {
		return int(theirs.Code)
	}
	return 0
}

// ClickHouse's codes that are told apart.
const (
	noSuchTable = 60
	memoryLimit = 241 // a statement would take more memory than there is
)

// unfit are its codes for data that cannot be stored, whatever is tried: types, values, and what
// cannot be parsed.
var unfit = map[int]bool{
	6: true, 26: true, 27: true, 33: true, 38: true, 41: true, 53: true, 70: true, 72: true, 117: true, 131: true, 190: true, 349: true,
}

// unready are its codes for a statement that fails again until somebody mends the store: no such
// table or column, syntax, rights, credentials.
var unready = map[int]bool{
	16: true, 36: true, 42: true, 43: true, 44: true, 46: true, 47: true, noSuchTable: true, 62: true, 164: true, 192: true, 193: true, 194: true,
	307: true, 497: true, 516: true,
}

// Refused reports whether an insert failed for its data, and will however often it is tried.
// A wrong password or a missing table are not that: they may be put right.
func Refused(err error) bool {
	return errors.Is(err, ErrMalformed) || errors.Is(err, ErrPanic) || unfit[code(err)]
}

// TooLarge reports whether less of the same may succeed.
func TooLarge(err error) bool { return code(err) == memoryLimit }

// Retryable reports whether a failed statement may succeed later, with nobody's help: the store
// is down, busy, out of memory or disk. Everything but a clear refusal is.
func Retryable(err error) bool {
	return err != nil && !Refused(err) && !unready[code(err)]
}
