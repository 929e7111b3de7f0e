"""
Record the conversation anew: `python -m tests.recorded.record [URL]`, from the repository's root.

See README.md beside this file before giving a URL: nothing that a recording creates can be deleted.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import urlsplit

import vcr

from reconciler.api.connection import Connection, open_client
from reconciler.model.secret import Secret
from reconciler.simulator.app import serving
from reconciler.simulator.service import Service
from tests.recorded.conversation import NAME, TALKS, Talk
from tests.recorded.scrubbing import Scrubber

CASSETTES = Path(__file__).parent / "cassettes"
OUTCOMES = "outcomes.json"
MATCH_ON = ("method", "path", "body")


def record(url: str, *, login: str, password: str, mark: str, directory: Path) -> dict[str, list[str]]:
    """Hold every talk with the server at `url`; write one cassette each, and what came of the calls."""
    directory.mkdir(parents=True, exist_ok=True)
    user_password = f"Rec-{secrets.token_urlsafe(18)}"
    scrubber = Scrubber([password, user_password])
    outcomes: dict[str, list[str]] = {}
    for talk in TALKS:
        name = talk.__name__
        cassette = directory / f"{name}.yaml"
        cassette.unlink(missing_ok=True)
        recorder = vcr.VCR(
            record_mode=vcr.mode.ALL,
            match_on=MATCH_ON,
            decode_compressed_response=True,
            before_record_request=scrubber.request,
            before_record_response=scrubber.response,
        )
        connection = Connection(url=url, login=login, password=Secret(password))
        held = Talk(client=open_client(connection), mark=mark, password=Secret(user_password))
        with recorder.use_cassette(str(cassette)), held.client:
            talk(held)
        outcomes[name] = held.outcomes
    text = json.dumps({"mark": mark, "outcomes": outcomes}, indent=1, ensure_ascii=False)
    (directory / OUTCOMES).write_text(text + "\n", encoding="utf-8")
    return outcomes


def main() -> int:
    """Record against a sandbox tenant, or without a URL against the embedded simulator."""
    parser = argparse.ArgumentParser(description="Record the conversation with the management API.", allow_abbrev=False)
    parser.add_argument("url", nargs="?", help="a SANDBOX tenant (default: the embedded simulator over HTTP)")
    parser.add_argument("--sandbox", metavar="HOST", help="the tenant's host again: it may be written to for ever")
    arguments = parser.parse_args()
    if arguments.url and arguments.sandbox != urlsplit(arguments.url).hostname:
        host = urlsplit(arguments.url).hostname
        parser.error(f"objects named {NAME}-* will stay on that tenant for ever: confirm with --sandbox {host}")
    login = os.environ.get("RECONCILER_LOGIN", "simulator")
    password = os.environ.get("RECONCILER_PASSWORD", "simulator")
    mark = time.strftime("%Y%m%d%H%M%S", time.gmtime()) if arguments.url else "simulated"
    with nullcontext(arguments.url) if arguments.url else serving(Service()) as url:
        outcomes = record(url, login=login, password=password, mark=mark, directory=CASSETTES)
    for name, lines in outcomes.items():
        sys.stdout.write("".join(f"{name}: {line}\n" for line in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
