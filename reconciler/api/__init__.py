"""The client of the MaxContact Management API: paths and payloads, no kinds; the only room that knows httpx."""

from __future__ import annotations

import sys

# httpx loads its own command line, with rich and pygments, wherever those are installed: a third of its import, and of
# no use here. It copes with their absence, so for the moment of its import they are absent.
_COMMAND_LINE = "httpx._main"
if "httpx" not in sys.modules:
    sys.modules[_COMMAND_LINE] = None  # type: ignore[assignment]
    try:
        import httpx  # noqa: F401
    finally:
        del sys.modules[_COMMAND_LINE]
