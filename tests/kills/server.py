"""A model server in a process of its own: it answers slowly, and writes down every call before it answers.

    python server.py LOG DELAY_S

prints its port. A line of the log is a prompt: it was paid for, whatever became of who asked.
"""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random

_LOG = os.open(Path(sys.argv[1]), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
_DELAY_S = float(sys.argv[2])
_RANDOM = Random(1)


class Handler(BaseHTTPRequestHandler):
    """Answers a chat completion with the prompt in upper case."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Write the prompt down, wait, answer."""
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        prompt = asked["messages"][-1]["content"]
        os.write(_LOG, (prompt + "\n").encode())
        time.sleep(_DELAY_S * (0.5 + _RANDOM.random()))
        message = {"role": "assistant", "content": prompt.upper()}
        part = "delta" if asked.get("stream") else "message"
        body = {
            "choices": [{"index": 0, part: message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1},
        }
        data = json.dumps(body).encode()
        kind = "application/json"
        if part == "delta":
            data, kind = b"data: " + data + b"\n\ndata: [DONE]\n\n", "text/event-stream"
        try:
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            self.close_connection = True  # whoever asked was killed

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Takes no notice of those who hang up."""

    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A killed process leaves half a request behind."""


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()
