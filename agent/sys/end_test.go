package sys

import (
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// That a process closes a descriptor says nothing of a connection that it or another has by another.
func TestADuplicateThatIsClosedEndsNothing(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		s := b.capture(v)
		other, url := b.serve()
		client := b.start("duplicates", addressVariable+"="+url[len("http://"):])
		var said string
		client.read(&said)
		time.Sleep(closeGrace + 2*time.Second) // as long as it took until the request was given up
		other.do(job{URL: url + "/release", Method: "GET", Requests: 1, Concurrency: 1})
		var status int
		client.read(&status)
		waited := func(sp *span.Span) bool { return sp.Resource == "/wait" }
		for _, sp := range s.wait(2, waited) {
			if sp.Code != 200 || sp.Duration < uint64(closeGrace) {
				t.Errorf("%v: status %v, code %d, %v; want the answer that came", sp.Point, sp.Status, sp.Code, time.Duration(sp.Duration))
			}
		}
	})
}

// A Java program that starts another while it waits for an answer: that one closes all that it has inherited.
const javaChild = `
import java.io.*;
import java.net.*;
public class Child {
  public static void main(String[] args) throws Exception {
    String[] at = System.getenv("THROUGHLINE_SYS_TEST_ADDRESS").split(":");
    Socket s = new Socket(at[0], Integer.parseInt(at[1]));
    s.getOutputStream().write("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n".getBytes());
    new ProcessBuilder("true").start().waitFor();
    System.out.println("\"started\"");
    System.out.println(new BufferedReader(new InputStreamReader(s.getInputStream())).readLine().split(" ")[1]);
    System.in.read();
    s.close();
    System.exit(0);
  }
}
`

// A child process ends no request of its parent's.
func TestAChildProcessEndsNoRequest(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	s := b.capture(Auto)
	other, url := b.serve()
	cmd := java(t, "Child", javaChild)
	cmd.Env = append(cmd.Environ(), addressVariable+"="+url[len("http://"):])
	client := b.run(cmd)
	var said string
	client.read(&said)
	time.Sleep(closeGrace + 2*time.Second) // as long as it took until the request was given up
	other.do(job{URL: url + "/release", Method: "GET", Requests: 1, Concurrency: 1})
	var status int
	client.read(&status)
	for _, sp := range s.wait(2, func(sp *span.Span) bool { return sp.Resource == "/wait" }) {
		if sp.Code != 200 || sp.Duration < uint64(closeGrace) {
			t.Errorf("%v: status %v, code %d, %v; want the answer that came", sp.Point, sp.Status, sp.Code, time.Duration(sp.Duration))
		}
	}
}

// A read that takes the end of the stream, too, has its bytes where they are.
func TestMessagesReadTogetherWithTheEnd(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		s := b.capture(v)
		var said string
		b.start("half-closed").read(&said)
		spans := s.wait(2, func(sp *span.Span) bool { return sp.Resource == "/half" })
		one, other := spans[0], spans[1]
		if one.Point == other.Point || one.RequestSeq != other.RequestSeq || one.ResponseSeq != other.ResponseSeq || one.Code != 200 || other.Code != 200 {
			t.Errorf("the two sides differ: %v, request at %d, answer %d at %d; %v, %d, %d at %d", one.Point, one.RequestSeq, one.Code, one.ResponseSeq,
				other.Point, other.RequestSeq, other.Code, other.ResponseSeq)
		}
	})
}
