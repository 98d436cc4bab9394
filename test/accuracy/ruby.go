package main

import (
	"context"
	"path/filepath"
)

var rubyCases = []Case{
	{Name: "ruby-puma", About: "Puma with 16 threads; Net::HTTP, mysql2", Start: puma, Database: true, Share: 0.5},
	{Name: "ruby-puma-spans", About: "ruby-puma with spans as OpenTelemetry's for Ruby are, written by hand (not its SDK)", Start: puma, Database: true, SDK: true, Share: 0.5},
}

func puma(ctx context.Context, s *site) error {
	if err := apt(ctx, "puma", "puma", "ruby-mysql2"); err != nil {
		return err
	}
	application, err := filepath.Abs("test/accuracy/middle/ruby/config.ru")
	if err != nil {
		return err
	}
	return s.run("middle", "puma", s.environment(), "puma", "--bind", "tcp://0.0.0.0:"+middlePort, "--threads", "16:16", "--workers", "0", application)
}
