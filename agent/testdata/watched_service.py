"""A service that SkyWalking's agent for Python watches: watched_service.py NAME ADDRESS PORT OAP PROTOCOL [NEXT].
It answers GET with what the service NEXT, a URL, answers, or by itself."""
import sys
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from skywalking import agent, config

warnings.simplefilter("ignore")  # it says which of its parts HTTP lacks
name, address, port, oap, protocol, *after = sys.argv[1:]
config.init(agent_collector_backend_services=oap, agent_protocol=protocol, agent_name=name, agent_instance_name=name + "-1",
            agent_logging_level="ERROR", agent_collector_heartbeat_period=1)
agent.start()

import requests  # once the agent watches it


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b"in stock"
        if after:
            body = requests.get(after[0] + "/stock?of=tea", timeout=10).content
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer((address, int(port)), Handler)
print("ready", flush=True)
server.serve_forever()
