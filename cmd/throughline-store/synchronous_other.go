//go:build !linux

package main

import "errors"

func writeSynchronously(string) error { return errors.ErrUnsupported }
