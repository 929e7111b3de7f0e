"""
Serve Google's XML API on a port in front of fake-gcs-server on another: `python google.py PORT BEHIND`.

fake-gcs-server answers reading, listing and deleting of that API, but takes uploads by the JSON API only, which obstore
does not use. So an upload is passed on as one of those; the condition and whether it holds are the server's business.
"""

from __future__ import annotations

import http.client
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, unquote, urlsplit

_BOUNDARY = "one-object-and-its-name"


class Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    # Otherwise each answer waits for the acknowledgement of its own header.
    disable_nagle_algorithm = True
    behind = 0

    def do_PUT(self) -> None:
        """Pass an upload on, with its condition."""
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        _, bucket, name = unquote(urlsplit(self.path).path).split("/", 2)
        path = f"/upload/storage/v1/b/{bucket}/o?uploadType=multipart"
        generation = self.headers.get("x-goog-if-generation-match")
        if generation is not None:
            path += f"&ifGenerationMatch={quote(generation)}"
        parts = (
            f"--{_BOUNDARY}\r\nContent-Type: application/json\r\n\r\n{json.dumps({'name': name})}\r\n"
            f"--{_BOUNDARY}\r\nContent-Type: application/octet-stream\r\n\r\n"
        )
        body = parts.encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
        status, _, answer = self._ask("POST", path, body, {"Content-Type": f"multipart/related; boundary={_BOUNDARY}"})
        if status >= 300:
            self._answer(status, {}, answer)
            return
        made = json.loads(answer)
        self._answer(200, {"ETag": f'"{made["etag"]}"', "x-goog-generation": made["generation"]}, b"")

    def do_GET(self) -> None:
        """Pass anything else on as it is."""
        self._answer(*self._ask(self.command, self.path, None, {}))

    do_HEAD = do_DELETE = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _ask(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.behind, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        length = str(len(body))
        for name, value in headers.items():
            if name.lower() == "content-length":
                length = value
            elif name.lower() not in ("date", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", length if self.command == "HEAD" else str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


if __name__ == "__main__":
    Handler.behind = int(sys.argv[2])
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
