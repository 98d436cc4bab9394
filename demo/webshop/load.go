package webshop

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strconv"

	"github.com/throughline-io/throughline/demo/process"
)

// target is what the load generator asks for.
const target = "http://web-shop:8080/full-test"

// killRate is requests per second and worker while things are killed.
const killRate = 5

// load is what the load generator says of a run.
type load struct {
	Responses int // with status 200
	Other     int // with another status, or without an answer
	Text      string
}

var (
	heyStatus = regexp.MustCompile(`(?m)^\s*\[(\d{3})\]\s+(\d+) responses`)
	heyErrors = regexp.MustCompile(`(?m)^\s*\[(\d+)\]\s+(?:Get|Post|Head|Put|context|EOF)`)
)

// parseHey reads hey's report.
func parseHey(text string) load {
	l := load{Text: text}
	for _, m := range heyStatus.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(m[2])
		if m[1] == "200" {
			l.Responses += n
		} else {
			l.Other += n
		}
	}
	for _, m := range heyErrors.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(m[1])
		l.Other += n
	}
	return l
}

// run sends so many requests from the load generator's pod and waits for the answers.
func (c *cluster) run(ctx context.Context, requests, concurrency int) (load, error) {
	var out bytes.Buffer
	argv := []string{"hey", "-n", strconv.Itoa(requests), "-c", strconv.Itoa(concurrency), "-t", "60"}
	if c.opts.Kill != "" { // requests have to go on for as long as the killing does
		argv = append(argv, "-q", strconv.Itoa(killRate))
	}
	p, err := c.startInPod("loadgenerator", process.Command{Name: "loadgenerator", Stdout: &out, Argv: append(argv, target)})
	if err != nil {
		return load{}, err
	}
	if err := p.Wait(ctx); err != nil {
		return load{}, fmt.Errorf("load generator (Debian: apt-get install hey): %w", err)
	}
	l := parseHey(out.String())
	if l.Responses+l.Other == 0 {
		return l, fmt.Errorf("the load generator's report cannot be read:\n%s", out.String())
	}
	return l, nil
}

// keepRunning sends requests at a gentle rate until the demo ends.
func (c *cluster) keepRunning(concurrency, perSecond int) error {
	_, err := c.startInPod("loadgenerator", process.Command{Name: "loadgenerator",
		Argv: []string{"hey", "-z", "24h", "-c", strconv.Itoa(concurrency), "-q", strconv.Itoa(perSecond), "-t", "60", target}})
	return err
}
