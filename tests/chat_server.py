"""A real HTTP server that speaks the chat completions protocol and answers as a test says."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Any, dict[str, str]]  # status, body (JSON, or bytes as they are), further headers


@dataclass
class ChatServer:
    """`requests` are the bodies that came, `keys` their Authorization headers."""

    address: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)


@contextmanager
def serving(answer: Callable[[dict[str, Any], threading.Event], Answer]) -> Iterator[ChatServer]:
    """Serve until the block ends; `answer` may wait for the event that says so."""
    told, ended, writing = ChatServer(), threading.Event(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with writing:
                told.requests.append(body)
                told.keys.append(self.headers.get("Authorization"))
            status, content, headers = answer(body, ended)
            written = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", "Content-Length": str(len(written)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(written)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Nothing: what was asked is in `requests`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.address = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


def completion(content: str | None = None, *calls: tuple[str, str], finish_reason: str | None = None) -> Answer:
    """An answer with a text, or with calls, each a name and its arguments as the string that a model wrote."""
    made = [
        {"id": f"id-{number}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for number, (name, arguments) in enumerate(calls)
    ]
    message = {"role": "assistant", "content": content, **({"tool_calls": made} if made else {})}
    choice = {"index": 0, "message": message, "finish_reason": finish_reason or ("tool_calls" if made else "stop")}
    return 200, {"id": "c", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}, {}


def failure(status: int, message: str, **headers: str) -> Answer:
    return status, {"error": {"message": message}}, {name.replace("_", "-"): value for name, value in headers.items()}
