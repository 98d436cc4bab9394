package otlptest

import "errors"

// Room grants so many bytes in all, to whom asks for them before it takes them.
func Room(bytes int) (ask func(bytes int) error) {
	return func(n int) error {
		if bytes -= n; bytes < 0 {
			return errors.New("no more room")
		}
		return nil
	}
}
