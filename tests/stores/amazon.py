"""
Serve moto's S3 on a port, one request at a time: `python amazon.py PORT`.

moto looks at a condition and then writes, in two steps; between them another of its threads may write. S3 itself does
both at once, so here requests go one by one.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

_ONE = threading.Lock()


def main(port: int) -> None:
    """Serve until the process is ended."""
    application = DomainDispatcherApplication(create_backend_app)

    def one_by_one(environment: Any, start: Callable[..., Any]) -> Iterable[bytes]:
        with _ONE:
            return list(application(environment, start))

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    run_simple("127.0.0.1", port, one_by_one, threaded=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
