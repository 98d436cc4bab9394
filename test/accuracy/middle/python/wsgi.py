"""One call to the backend (requests) and, where there is a database, one statement (PyMySQL), as a WSGI
application and, run by itself, behind the standard library's server with a thread for each connection.

/a/ID  by the thread that serves the request
/p/ID  by a thread of a pool (concurrent.futures)
"""
import concurrent.futures
import http.server
import os
import threading

import pymysql
import requests

import background

BACKEND, DATABASE = os.environ["BACKEND"], os.environ.get("DATABASE")
local = threading.local()
pool = concurrent.futures.ThreadPoolExecutor(8)


def same(who, got, ident):
    if got != ident:
        raise RuntimeError(f"{who} answered {got!r}, want {ident!r}")


def both(ident):
    if not hasattr(local, "http"):
        local.http = requests.Session()
        local.db = pymysql.connect(host=DATABASE, user="root", autocommit=True) if DATABASE else None
    same("backend", local.http.get(f"{BACKEND}/b/{ident}", timeout=20).text.strip(), ident)
    if local.db:
        with local.db.cursor() as cursor:
            cursor.execute(f"SELECT '{ident}'")
            same("database", cursor.fetchone()[0], ident)


def answer(path):
    kind, ident = path.strip("/").split("/")
    if kind == "p":
        pool.submit(both, ident).result()
    else:
        both(ident)
    return f"middle {ident}\n".encode()


def app(environ, start_response):
    body = answer(environ["PATH_INFO"])
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = answer(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


background.thread()
if __name__ == "__main__":
    http.server.ThreadingHTTPServer.request_queue_size = 128
    http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
