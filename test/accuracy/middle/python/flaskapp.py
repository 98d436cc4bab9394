"""wsgi.py behind Flask, which OpenTelemetry instruments."""
import flask

import wsgi

app = flask.Flask(__name__)


@app.get("/a/<ident>")
def a(ident):
    wsgi.both(ident)
    return f"middle {ident}\n"
