//go:build linux && amd64

package libchdb

import (
	"fmt"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
	"golang.org/x/sys/cpu"
)

// C types, all pointers.
type (
	cConn   uintptr // chdb_connection
	cResult uintptr // chdb_result *
	cInsert uintptr // insert stream
)

var (
	chdbConnect func(argc int32, argv unsafe.Pointer) *cConn
	chdbClose   func(conn *cConn)

	chdbQuery        func(c cConn, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr) cResult
	chdbQueryParams  func(c cConn, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr, names, nameLens, values, valueLens unsafe.Pointer, n uintptr) cResult
	chdbStream       func(c cConn, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr) cResult
	chdbStreamParams func(c cConn, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr, names, nameLens, values, valueLens unsafe.Pointer, n uintptr) cResult
	chdbStreamFetch  func(c cConn, r cResult) cResult
	chdbStreamCancel func(c cConn, r cResult)

	chdbResultFree         func(r cResult)
	chdbResultBuffer       func(r cResult) unsafe.Pointer
	chdbResultLength       func(r cResult) uintptr
	chdbResultError        func(r cResult) unsafe.Pointer
	chdbResultRows         func(r cResult) uint64
	chdbResultStorageRows  func(r cResult) uint64
	chdbResultStorageBytes func(r cResult) uint64
	chdbResultRowsWritten  func(r cResult) uint64
	chdbResultBytesWritten func(r cResult) uint64

	chdbInsert       func(c cConn, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr) cInsert
	chdbInsertAppend func(s cInsert, data unsafe.Pointer, n uintptr) int32
	chdbInsertDone   func(s cInsert) cResult
	chdbInsertCancel func(s cInsert)
	chdbInsertError  func(s cInsert) unsafe.Pointer
	chdbInsertFree   func(s cInsert)

	chdbSignalHandlers func(enabled int32)
	libcSigaction      func(sig int32, act, old unsafe.Pointer) int32
)

var load = sync.OnceValue(func() error { return open(libraryPath) })

var libraryPath string

// Load opens libchdb.so. The first call decides the path. A path that does not fit this
// machine gives an error that wraps ErrUnsupported.
func Load(path string) error {
	if libraryPath == "" {
		libraryPath = path
	}
	return load()
}

func open(path string) error {
	// Asked before the library is opened: its initialisers would die of SIGILL.
	if !cpu.X86.HasAVX2 {
		return fmt.Errorf("%w: this processor has no AVX2 (x86-64-v3), which libchdb is compiled for", ErrUnsupported)
	}
	libc, err := purego.Dlopen("libc.so.6", purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return fmt.Errorf("%w: no glibc on this machine (libchdb does not run on musl): %w", ErrUnsupported, err)
	}
	purego.RegisterLibFunc(&libcSigaction, libc, "sigaction")
	lib, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return fmt.Errorf("%w: open %s: %w", ErrUnsupported, path, err)
	}
	functions := map[string]any{
		"chdb_connect": &chdbConnect, "chdb_close_conn": &chdbClose,
		"chdb_query_n": &chdbQuery, "chdb_query_with_params_n": &chdbQueryParams,
		"chdb_stream_query_n": &chdbStream, "chdb_stream_query_with_params_n": &chdbStreamParams,
		"chdb_stream_fetch_result": &chdbStreamFetch, "chdb_stream_cancel_query": &chdbStreamCancel,
		"chdb_destroy_query_result": &chdbResultFree, "chdb_result_buffer": &chdbResultBuffer,
		"chdb_result_length": &chdbResultLength, "chdb_result_error": &chdbResultError,
		"chdb_result_rows_read": &chdbResultRows, "chdb_result_storage_rows_read": &chdbResultStorageRows,
		"chdb_result_storage_bytes_read": &chdbResultStorageBytes,
		"chdb_result_rows_written":       &chdbResultRowsWritten, "chdb_result_bytes_written": &chdbResultBytesWritten,
		"chdb_stream_insert_n": &chdbInsert, "chdb_stream_append": &chdbInsertAppend,
		"chdb_stream_done": &chdbInsertDone, "chdb_stream_cancel_insert": &chdbInsertCancel,
		"chdb_stream_insert_error": &chdbInsertError, "chdb_destroy_insert_stream": &chdbInsertFree,
		"chdb_set_signal_handlers_enabled": &chdbSignalHandlers,
	}
	for name := range functions {
		if _, err := purego.Dlsym(lib, name); err != nil {
			return fmt.Errorf("%w: %s has no function %s: libchdb 26.7 or newer is needed", ErrUnsupported, path, name)
		}
	}
	for name, fn := range functions {
		purego.RegisterLibFunc(fn, lib, name)
	}
	before := saveHandlers()
	chdbSignalHandlers(0)
	restoreHandlers(before)
	return nil
}
