package saved

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// unpack is a file's text: that of gzip unpacked, no more than most bytes of it.
func unpack(file []byte, most int64) ([]byte, error) {
	if !bytes.HasPrefix(file, []byte{0x1f, 0x8b}) {
		if int64(len(file)) > most {
			return nil, tooLarge(most)
		}
		return file, nil
	}
	packed, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("the file looks like gzip and cannot be unpacked: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(packed, most+1))
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("the file is gzip that is cut off after %d unpacked bytes: save or copy it again", len(text))
	case err != nil:
		return nil, fmt.Errorf("the file looks like gzip and cannot be unpacked: %w", err)
	case int64(len(text)) > most:
		return nil, tooLarge(most)
	}
	return text, nil
}

func tooLarge(most int64) error {
	return fmt.Errorf("the file has more than %d MB unpacked, which is the most that is read: save a part of it, or one trace", most>>20)
}

// mustBeJSON says what a file is that is none.
func mustBeJSON(text []byte) error {
	trimmed := bytes.TrimLeft(text, " \t\r\n")
	switch {
	case len(trimmed) == 0:
		return fmt.Errorf("the file is empty. %s", Readable)
	case trimmed[0] == '{', trimmed[0] == '[':
		return nil
	case bytes.HasPrefix(trimmed, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return fmt.Errorf("the file is packed by zstd: unpack it first. %s", Readable)
	case bytes.HasPrefix(trimmed, []byte("PK\x03\x04")):
		return fmt.Errorf("the file is a zip archive: unpack it first. %s", Readable)
	case trimmed[0] == '<':
		return fmt.Errorf("the file is HTML or XML, as an error page that was saved in place of a trace. %s", Readable)
	case bytes.IndexByte(trimmed[:min(len(trimmed), 512)], 0) >= 0 || trimmed[0] < ' ':
		return fmt.Errorf("the file is binary, maybe OTLP in protobuf: save it as JSON. %s", Readable)
	}
	return fmt.Errorf("the file is no JSON: it begins with %q. %s", trimmed[:min(len(trimmed), 16)], Readable)
}
