package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/throughline-io/throughline/demo/process"
)

// tracesPerSecond is what each sender makes, of five spans. An SDK holds 2,048 spans and leaves out what
// comes when it is full: enough for 40 s.
const tracesPerSecond = 10

// sender is a program that makes spans all the while; its SDK and exporter are as they are when nothing is set.
type sender struct {
	name    string // also of its service
	process *process.Process
	said    string // the file of what it said
}

// senders are those that run.
type senders struct {
	all       []*sender
	collector *collector // nil: none
}

// start starts those of the languages that are here.
func (s *senders) start(ctx context.Context, b *bed) error {
	for _, l := range languages {
		if l.long && !b.full {
			continue
		}
		argv, err := l.built(ctx, b.bin)
		var skip *skipped
		if errors.As(err, &skip) && !b.full {
			fmt.Println(skip)
			continue
		}
		if err != nil {
			return err
		}
		if l == collectorLanguage {
			err = b.startCollector(ctx, s, argv)
		} else {
			for _, protocol := range l.protocols {
				err = errors.Join(err, b.startSender(s, argv, l.name+" "+protocol, protocol, b.otlp))
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *bed) startSender(s *senders, argv []string, name, protocol, address string) error {
	file := strings.ReplaceAll(name, " ", "-")
	one := &sender{name: name, said: filepath.Join(b.dir, "log", file+".spans")}
	out, err := os.Create(one.said)
	if err != nil {
		return err
	}
	defer out.Close()
	one.process, err = b.group.Start(process.Command{Name: file, Argv: append(argv[:len(argv):len(argv)], protocol, address, name, strconv.Itoa(tracesPerSecond)), Stdout: out})
	if err == nil {
		s.all = append(s.all, one)
	}
	return err
}

// stop has all end as a deployment does: an SDK that is shut down sends what it holds.
func (s *senders) stop(ctx context.Context) error {
	var errs []error
	for _, one := range s.all {
		errs = append(errs, one.process.Stop(patience))
	}
	if s.collector != nil {
		errs = append(errs, s.collector.stop(ctx))
	}
	return errors.Join(errs...)
}

// kill ends all at once.
func (s *senders) kill() {
	for _, one := range s.all {
		one.process.Kill()
	}
	if s.collector != nil && s.collector.process != nil {
		s.collector.process.Kill()
	}
}

// tally is what a sender says of its spans: how many it made, and what its exporter did with those that
// came to it.
type tally struct {
	made                  int
	acknowledged, dropped map[string]bool
}

// answered reports whether the sender had an acknowledgement.
func (s *sender) answered() bool {
	said, err := os.ReadFile(s.said)
	return err == nil && strings.Contains(string(said), "acknowledged")
}

// tally reads what a sender said, when it has ended.
func (s *sender) tally() (*tally, error) {
	f, err := os.Open(s.said)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t := &tally{acknowledged: map[string]bool{}, dropped: map[string]bool{}}
	ended := false
	for lines := bufio.NewScanner(f); lines.Scan(); {
		what, of, _ := strings.Cut(lines.Text(), " ")
		switch what {
		case "acknowledged":
			t.acknowledged[of] = true
		case "dropped":
			t.dropped[of] = true
		case "made":
			t.made, err = strconv.Atoi(of)
			ended = err == nil
		default:
			return nil, fmt.Errorf("%s said %q", s.name, lines.Text())
		}
	}
	if !ended {
		return nil, fmt.Errorf("%s did not say how many spans it made; the end of its log:\n%s", s.name, s.process.Tail(2000))
	}
	return t, nil
}

// fate is what became of a sender's spans.
type fate struct {
	*tally
	left   int // by the sender: its exporter gave up, or there was no room in the SDK
	lost   int // acknowledged, and not stored
	stored int
	rows   int // in the table beyond one for each span, which readers do not see
	listed int // twice, in a list of the API
	more   int // in metrics
	less   int
}

// fates compares what the senders said with what is stored, when all that was acknowledged is, or nothing
// more comes.
func (b *bed) fates(ctx context.Context, s *senders) ([]*fate, error) {
	var all []*fate
	for _, one := range s.all {
		t, err := one.tally()
		if err != nil {
			return nil, err
		}
		f := &fate{tally: t, left: t.made - len(t.acknowledged)}
		settled := time.Now().Add(30 * time.Second)
		for {
			if err := b.look(ctx, one, f); err != nil {
				return nil, err
			}
			if f.lost == 0 && f.less == 0 || time.Now().After(settled) {
				break
			}
			if err := pause(ctx, 200*time.Millisecond); err != nil {
				return nil, err
			}
		}
		if f.listed, err = b.listedTwice(ctx, one.name); err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

// look compares once.
func (b *bed) look(ctx context.Context, s *sender, f *fate) error {
	out, err := b.sql(ctx, "SELECT lower(hex(span_id)), count() FROM spans WHERE service = '"+s.name+"' GROUP BY span_id")
	if err != nil {
		return err
	}
	stored := map[string]bool{}
	f.rows, f.lost = 0, 0
	for line := range strings.Lines(out) {
		var id string
		var rows int
		if _, err := fmt.Sscan(line, &id, &rows); err != nil {
			return fmt.Errorf("%q: %w", line, err)
		}
		stored[id] = true
		f.rows += rows - 1
	}
	for id := range f.acknowledged {
		if !stored[id] {
			f.lost++
		}
	}
	f.stored = len(stored)
	counted, err := b.sql(ctx, "SELECT sum(requests_minute.count) FROM requests_minute WHERE service = '"+s.name+"'")
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(strings.TrimSpace(counted))
	f.more, f.less = max(n-f.stored, 0), max(f.stored-n, 0)
	return err
}
