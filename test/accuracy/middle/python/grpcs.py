"""A server of gRPC with threads: one call to the backend by gRPC and one statement (PyMySQL), for a method of any name: /a/ID."""
import concurrent.futures
import os
import threading

import grpc
import pymysql
from google.protobuf.wrappers_pb2 import StringValue

import background

DATABASE = os.environ["DATABASE"]
local = threading.local()
channel = grpc.insecure_channel(os.environ["BACKEND_GRPC"])


def same(who, got, ident):
    if got != ident:
        raise RuntimeError(f"{who} answered {got!r}, want {ident!r}")


def call(method):
    ident = method.rsplit("/", 1)[1]
    ask = channel.unary_unary(method, StringValue.SerializeToString, StringValue.FromString)
    return ask(StringValue(value=ident), timeout=20).value


def both(ident):
    if not hasattr(local, "db"):
        local.db = pymysql.connect(host=DATABASE, user="root", autocommit=True)
    same("backend", call(f"/b/{ident}"), ident)
    with local.db.cursor() as cursor:
        cursor.execute(f"SELECT '{ident}'")
        same("database", cursor.fetchone()[0], ident)


class Middle(grpc.GenericRpcHandler):
    def service(self, details):
        ident = details.method.rsplit("/", 1)[1]

        def answer(_request, _context):
            both(ident)
            return StringValue(value=f"middle {ident}\n")

        return grpc.unary_unary_rpc_method_handler(answer, StringValue.FromString, StringValue.SerializeToString)


background.thread(lambda _: call("/background/job"))  # a name without an id: what a program serves has few names
server = grpc.server(concurrent.futures.ThreadPoolExecutor(16), handlers=(Middle(),))
server.add_insecure_port("0.0.0.0:8080")
server.start()
server.wait_for_termination()
