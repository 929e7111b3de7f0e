"""A client of the real yaml-language-server: JSON-RPC over its standard streams, as an editor speaks to it."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 60  # seconds until an answer has to be there

SETTINGS: Mapping[str, Any] = {
    "yaml": {
        "validate": True,
        "hover": True,
        "completion": True,
        "schemaStore": {"enable": False},
        "kubernetesCRDStore": {"enable": False},
    },
    "http": {},
    "[yaml]": {},
    "editor": {},
    "files": {},
}
"""An editor's defaults, but for the stores of schemas that live elsewhere: ours come from the modeline."""


@dataclass(slots=True)
class LanguageServer:
    """A running server."""

    command: list[str]
    root: Path
    process: subprocess.Popen[bytes] = field(init=False)
    received: queue.Queue[dict[str, Any]] = field(default_factory=queue.Queue, init=False)
    diagnostics: dict[str, list[dict[str, Any]]] = field(default_factory=dict, init=False)
    number: int = field(default=0, init=False)
    opened: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Start it and introduce ourselves."""
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=self.root
        )
        threading.Thread(target=self._listen, daemon=True).start()
        self.request(
            "initialize",
            processId=None,
            rootUri=self.root.as_uri(),
            workspaceFolders=[{"uri": self.root.as_uri(), "name": "root"}],
            capabilities={
                "textDocument": {
                    "completion": {"completionItem": {"snippetSupport": False}},
                    "hover": {"contentFormat": ["plaintext"]},
                    "publishDiagnostics": {},
                },
                "workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}},
            },
        )
        self.notify("initialized")
        self.notify("workspace/didChangeConfiguration", settings=SETTINGS)

    def open(self, folder: Path, text: str) -> str:
        """
        Open a new file of a folder with a text, and return its name in the protocol.

        Returns once the server has looked at it: what is asked before it knows its settings is never answered.
        """
        self.opened += 1
        uri = (folder / f"untitled-{self.opened}.yaml").as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.notify("textDocument/didOpen", textDocument=document)
        self.problems(uri)
        return uri

    def problems(self, uri: str) -> list[dict[str, Any]]:
        """Return what the server has against a file, as soon as it says so."""
        deadline = time.monotonic() + PATIENCE
        while uri not in self.diagnostics:
            self._take(deadline)
        return self.diagnostics[uri]

    def request(self, method: str, **parameters: Any) -> Any:
        """Ask for something and return the answer."""
        self.number += 1
        self._send({"id": self.number, "method": method, "params": parameters})
        deadline = time.monotonic() + PATIENCE
        while True:
            message = self._take(deadline)
            if message.get("id") == self.number and "method" not in message:
                assert "error" not in message, message["error"]
                return message["result"]

    def notify(self, method: str, **parameters: Any) -> None:
        """Tell something that has no answer."""
        self._send({"method": method, "params": parameters})

    def stop(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait(timeout=10)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()

    def _take(self, deadline: float) -> dict[str, Any]:
        """Take the next message; what the server asks of an editor is answered, what it tells is noted."""
        try:
            message = self.received.get(timeout=max(0.01, deadline - time.monotonic()))
        except queue.Empty:
            raise AssertionError("the language server does not answer") from None
        if "method" in message and "id" in message:
            wanted = (
                message.get("params", {}).get("items", []) if message["method"] == "workspace/configuration" else []
            )
            result = [SETTINGS.get(each["section"], {}) for each in wanted] or None
            self._send({"id": message["id"], "result": result})
        elif message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        return message

    def _send(self, message: dict[str, Any]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        self.process.stdin.flush()

    def _listen(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while True:
            length = 0
            while (line := stream.readline()) not in (b"\r\n", b""):
                name, _, value = line.decode().partition(":")
                if name.casefold() == "content-length":
                    length = int(value)
            if not length:
                return
            self.received.put(json.loads(stream.read(length)))
