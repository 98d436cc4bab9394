package session_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mqtt is a packet by its first byte.
func mqtt(first byte, body ...string) string {
	text := strings.Join(body, "")
	b := binary.AppendUvarint([]byte{first}, uint64(len(text))) // seven bits a byte, too
	return string(b) + text
}

// mqttText is a text with its length.
func mqttText(text string) string { return be16(len(text)) + text }

// mqttProperties are properties with their length.
func mqttProperties(list ...string) string {
	text := strings.Join(list, "")
	return string(binary.AppendUvarint(nil, uint64(len(text)))) + text
}

var mqttTrace = "\x26" + mqttText("traceparent") + mqttText(traceparent)

func mqttConnect(version byte, client string) string {
	properties := ""
	if version == 5 {
		properties = mqttProperties("\x21\x00\x14")
	}
	return mqtt(0x10, mqttText("MQTT"), string([]byte{version, 0x82, 0, 60}), properties, mqttText(client), mqttText("user"), mqttText("s3cret"))
}

// mqttTurns is a client of version 5 that publishes and is published to, each by numbers of its own.
func mqttTurns() []turn {
	alias := func(n int) string { return "\x23" + be16(n) }
	return []turn{
		{fromClient, mqttConnect(5, "shop-1")}, {fromServer, mqtt(0x20, "\x00\x00", mqttProperties("\x22\x00\x0a"))},
		{fromClient, mqtt(0x82, be16(1), mqttProperties(), mqttText("rooms/+/light"), "\x01", mqttText("secret/#"), "\x02")}, {fromServer, mqtt(0x90, be16(1), mqttProperties("\x1f", mqttText("not yours")), "\x01\x87")},
		{fromClient, mqtt(0x32, mqttText("shop/orders"), be16(7), mqttProperties(mqttTrace), "order") + mqtt(0x34, mqttText("shop/bills"), be16(8), mqttProperties(), "bill") + mqtt(0x30, mqttText("shop/news"), mqttProperties(mqttTrace), strings.Repeat("n", 3000))},
		{fromServer, mqtt(0x32, mqttText("rooms/1/light"), be16(7), mqttProperties(mqttTrace), "on") + mqtt(0x50, be16(8))},
		{fromClient, mqtt(0x62, be16(8)) + mqtt(0x40, be16(7)) + mqtt(0xc0)},
		{fromServer, mqtt(0xd0) + mqtt(0x40, be16(7)) + mqtt(0x70, be16(8)) + mqtt(0x34, mqttText("rooms/2/light"), be16(8), mqttProperties(), "off") + mqtt(0x30, mqttText("rooms/3/light"), mqttProperties(), "")},
		{fromClient, mqtt(0x50, be16(8))}, {fromServer, mqtt(0x62, be16(8))}, {fromClient, mqtt(0x70, be16(8))},
		{fromClient, mqtt(0x32, mqttText("shop/7/stock"), be16(9), mqttProperties(alias(3)), "1") + mqtt(0x32, mqttText(""), be16(10), mqttProperties(alias(3)), "2")}, {fromServer, mqtt(0x40, be16(9)) + mqtt(0x40, be16(10), "\x10")},
		{fromClient, mqtt(0x32, mqttText("secret/7"), be16(11), mqttProperties(), "1") + mqtt(0x34, mqttText("secret/8"), be16(12), mqttProperties(), "1")}, {fromServer, mqtt(0x40, be16(11), "\x87") + mqtt(0x50, be16(12), "\x97", mqttProperties("\x1f", mqttText("too much")))},
		{fromClient, mqtt(0xa2, be16(13), mqttProperties(), mqttText("rooms/+/light"))}, {fromServer, mqtt(0xb0, be16(13), mqttProperties(), "\x00")},
		{fromClient, mqtt(0x32, mqttText("shop/orders"), be16(14), mqttProperties(), "never answered")}, {fromServer, mqtt(0xe0, "\x8b", mqttProperties())},
	}
}

func (o *observer) wantMQTT(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, s := range o.full {
		text := fmt.Sprint(s.L7.Endpoint, " ", s.L7.Resource, " ", s.L7.Version, " ", s.L7.Code, " ", s.L7.Status, " ", s.L7.StatusMessage)
		if s.Pushed {
			text += " pushed"
		}
		if !s.L7.TraceID.IsZero() {
			text += " trace"
		}
		got = append(got, text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s\nledger %v", diff, o.ledger.Rows())
	}
}

// Each side has numbers of its own; exactly-once delivery is over with its second round, or where the first refuses; a topic may
// be a number.
func TestMQTT(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut(mqttTurns(), 1, 1, whole)...)
	o.conn.Close()
	o.wantMQTT(t,
		"CONNECT shop-1 5.0 0 ok ",
		"SUBSCRIBE rooms/+/light rooms/+/light,secret/# 5.0 135 client error not yours",
		"PUBLISH shop/news shop/news 5.0 0 ok  trace",
		"PUBLISH rooms/{id}/light rooms/1/light 5.0 0 ok  pushed trace",
		"PUBLISH shop/orders shop/orders 5.0 0 ok  trace",
		"PUBLISH shop/bills shop/bills 5.0 0 ok ",
		"PUBLISH rooms/{id}/light rooms/3/light 5.0 0 ok  pushed",
		"PUBLISH rooms/{id}/light rooms/2/light 5.0 0 ok  pushed",
		"PUBLISH shop/{id}/stock shop/7/stock 5.0 0 ok ",
		"PUBLISH shop/{id}/stock shop/7/stock 5.0 16 ok ",
		"PUBLISH secret/{id} secret/7 5.0 135 client error Not authorized",
		"PUBLISH secret/{id} secret/8 5.0 151 client error too much",
		"UNSUBSCRIBE rooms/+/light rooms/+/light 5.0 0 ok ",
		"DISCONNECT shop-1 5.0 139 server error Server shutting down pushed",
		"PUBLISH shop/orders shop/orders 5.0 0 unknown ",
	)
	o.wantLine(t, "left out: pings", 1)
	for _, s := range o.full {
		if strings.Contains(fmt.Sprint(s.L7), "s3cret") {
			t.Errorf("a password is kept: %+v", s.L7)
		}
	}
}

// Who is refused before version 5 is told by another number.
func TestMQTTRefuses(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut([]turn{{fromClient, mqttConnect(4, "shop-1")}, {fromServer, mqtt(0x20, "\x00\x05")}}, 1, 1, whole)...)
	o.wantMQTT(t, "CONNECT shop-1 3.1.1 5 client error Not authorized")
	o = observe().feed(cut([]turn{{fromClient, mqttConnect(4, "")}, {fromServer, mqtt(0x20, "\x01\x00")}, {fromClient, mqtt(0x82, be16(1), mqttText("a/b"), "\x00")}, {fromServer, mqtt(0x90, be16(1), "\x80")}}, 1, 1, whole)...)
	o.wantMQTT(t, "CONNECT  3.1.1 0 ok ", "SUBSCRIBE a/b a/b 3.1.1 128 server error Unspecified error")
}

// Who publishes says nothing of itself that brokers do not say, too: of a connection that is met in its middle the ports tell who
// has opened it. What its topics' numbers stand for is not known, and the version neither.
func TestMQTTFromItsMiddle(t *testing.T) {
	t.Parallel()
	turns := []turn{
		{fromClient, mqtt(0x32, mqttText("shop/orders"), be16(7), mqttProperties(mqttTrace), "order")}, {fromServer, mqtt(0x40, be16(7))},
		{fromServer, mqtt(0x32, mqttText("rooms/1/light"), be16(7), "on")}, {fromClient, mqtt(0x40, be16(7))},
		{fromClient, mqtt(0x32, mqttText(""), be16(8), mqttProperties("\x23\x00\x03"), "2")}, {fromServer, mqtt(0x40, be16(8))},
	}
	for _, list := range [][]turn{turns, turns[2:]} {
		want := []string{"PUBLISH shop/orders shop/orders  0 ok  trace", "PUBLISH rooms/{id}/light rooms/1/light  0 ok  pushed", "PUBLISH   0 ok "}
		o := observe().feed(cut(list, 1, 1, whole)...)
		o.wantMQTT(t, want[len(want)-len(list)/2:]...)
		if s := o.full[0]; s.Server != server && !s.Pushed {
			t.Errorf("%+v", s)
		}
	}
}

// However many topics, aliases and messages, a connection keeps so much.
func TestMQTTIsBounded(t *testing.T) {
	t.Parallel()
	o := observe()
	feed := o.talk()
	feed(fromClient, mqttConnect(5, strings.Repeat("c", 5000)))
	long := strings.Repeat("t", 2000)
	for i := range 3000 {
		feed(fromClient, mqtt(0x32, mqttText(fmt.Sprint("/", i, long)), be16(i+1), mqttProperties("\x23"+be16(i+1)), "m"))
		feed(fromServer, mqtt(0x34, mqttText(fmt.Sprint("/", i, long)), be16(i+1), mqttProperties("\x23"+be16(i+1)), "m"))
	}
	for _, hostile := range []string{
		"\x30\xff\xff\xff\xff", "\x30\xff\xff\xff\x7f\xff\xff", "\x82\x80\x80\x80\x01", mqtt(0x30, "\xff\xff\x00"), mqtt(0x32, mqttText("a/b"), be16(1), "\xff\xff\xff\xff"), mqtt(0x90, be16(1), "\xff\xff"),
		mqtt(0x82, be16(1), mqttProperties("\x26\xff\xff\x00\x00"), "\xff\xff"), mqtt(0x10, "\x00\x04MQTT\x05\x00\x00\x00\xff\xff\xff\x7f"), "\x0f\xf0", mqtt(0xe0, "\xff\xff\xff\xff\x7f"),
	} {
		for range 30 {
			feed(fromClient, hostile)
			feed(fromServer, hostile)
		}
	}
	o.wantBounded(t)
}
