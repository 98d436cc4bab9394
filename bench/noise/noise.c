/* A program that does nothing but move bytes: two ends of a connection, one write and one read after
 * the other. What it writes begins like a request and never ends, so that all of it is taken. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM, 0), near = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	char out[64], in[4096];
	if (bind(listener, (void *)&at, size) || listen(listener, 1) || getsockname(listener, (void *)&at, &size) || connect(near, (void *)&at, size))
		return 1;
	int far = accept(listener, 0, 0);
	setsockopt(near, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	memset(out, 'x', sizeof(out));
	memcpy(out, "GET /noise HTTP/1.1\r\nX: ", 24);
	while (write(near, out, sizeof(out)) > 0)
		if (read(far, in, sizeof(in)) <= 0)
			return 1;
	return 0;
}
