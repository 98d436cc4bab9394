package causality

import "testing"

func TestRuntimesAreRecognizedByWhatTheyAre(t *testing.T) {
	t.Parallel()
	const asyncio = "7f00-7f01 r-xp 00000000 00:1f 7 /usr/lib/python3.11/lib-dynload/_asyncio.cpython-311-x86_64-linux-gnu.so\n"
	for _, c := range []struct {
		exe, maps string
		want      Runtime
	}{
		{"/usr/sbin/nginx", "", Nginx},
		{"/usr/sbin/nginx (deleted)", "", Nginx},
		{"/usr/sbin/haproxy", "", HAProxy},
		{"/usr/local/bin/envoy", "", Envoy},
		{"/usr/local/bin/node", "", Node},
		{"/usr/bin/python3.11", "", Threads},
		{"/usr/bin/python3.11", asyncio, AsyncIO},
		{"/app/venv/bin/python3", "7f00-7f01 r-xp 00000000 00:1f 7 /app/venv/lib/python3.12/site-packages/uvloop/loop.cpython-312-x86_64-linux-gnu.so\n", AsyncIO},
		{"/usr/lib/jvm/bin/java", asyncio, JVM},
		{"/opt/nginx/helper", "", Threads},
		{"", "", Threads},
	} {
		if got := Recognize(c.exe, func() string { return c.maps }); got != c.want {
			t.Errorf("%s is taken for %s, want %s", c.exe, got, c.want)
		}
	}
}
