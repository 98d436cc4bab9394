"""The standard library's server with a process for each connection: one call and one statement, by wsgi.py."""
import http.server
import socketserver

import wsgi


class Server(socketserver.ForkingMixIn, http.server.HTTPServer):
    request_queue_size = 128
    max_children = 128


Server(("", 8080), wsgi.Handler).serve_forever()
