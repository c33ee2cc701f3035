"""A press on loopback: a real HTTP server whose pages a test decides, and which remembers what it was asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Reply:
    """What the press answers; `wait` delays it, `length` is a Content-Length that may lie. With an `etag`, whoever
    quotes it is answered 304."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0
    length: int | None = None
    etag: str | None = None


@dataclass
class Press:
    """`replies` by path, or a list of them, of which each is given once and the last for ever; everything else is a
    404. `asked` lists (path, seconds) in order, `quoted` the ETags that requests quoted, by path.

    As a proxy it is asked for whole addresses, and refuses to CONNECT.
    """

    port: int
    replies: dict[str, Reply | list[Reply]] = field(default_factory=dict)
    asked: list[tuple[str, float]] = field(default_factory=list)
    quoted: dict[str, str | None] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def feed(self, *paths: str, when: str = "Thu, 01 Jul 2021 10:00:00 +0700") -> Reply:
        """An RSS feed that announces the paths."""
        items = "".join(
            f"<item><title>Bài {n}</title><link>{self.url(path)}</link><pubDate>{when}</pubDate></item>"
            for n, path in enumerate(paths)
        )
        text = f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>'
        return Reply(text.encode(), headers={"Content-Type": "application/rss+xml"})


@contextmanager
def running_press() -> Iterator[Press]:
    """Starts the server on a free port and stops it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            press.asked.append((self.path, time.monotonic()))
            press.quoted[self.path] = self.headers["If-None-Match"]
            found = press.replies.get(self.path, Reply(b"not here", 404))
            if isinstance(found, list):
                found = found.pop(0) if len(found) > 1 else found[0]
            reply = found
            if reply.etag:
                unchanged = self.headers["If-None-Match"] == reply.etag
                reply = replace(reply, headers={**reply.headers, "ETag": reply.etag})
                reply = replace(reply, status=304, body=b"") if unchanged else reply
            time.sleep(reply.wait)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
            try:
                self.end_headers()
                self.wfile.write(reply.body)
            except ConnectionError:
                self.close_connection = True  # the crawler hung up, as it should

        def do_CONNECT(self) -> None:
            press.asked.append((f"CONNECT {self.path}", time.monotonic()))
            self.send_error(502)

        def log_message(self, *_: object) -> None:
            """Tests read `asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    press = Press(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield press
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


if __name__ == "__main__":
    from tests.faults.__main__ import main

    main()
