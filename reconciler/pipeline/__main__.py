"""
`python -m reconciler.pipeline`: what a pipeline's job calls beside `reconciler` itself.

    github                               the GitHub action's step; everything comes from its environment
    comment REPORT.md                    put a report on the merge or pull request, or update it
    issue REPORT.json REPORT.md          open, update or close the issue about drift
    counts PLAN.json                     what GitLab shows of a plan beside a merge request, as JSON
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from reconciler.pipeline import action
from reconciler.pipeline.forge import Done, keyed, put_comment, put_issue
from reconciler.pipeline.surroundings import forge_of
from reconciler.pipeline.wire import ForgeError

FAILED = 1
_GOES_AWAY = ("disassociate", "deactivate")
_COMES = ("create", "associate", "activate")


def main(words: list[str] | None = None) -> int:
    """Run one of the commands and return its exit code: 0, or 1 with the reason on standard error."""
    arguments = _parser().parse_args(words)
    try:
        match arguments.command:
            case "github":
                return action.main()
            case "comment":
                body = keyed(Path(arguments.report).read_text(encoding="utf-8"), arguments.place)
                _tell("comment", put_comment(forge_of(os.environ), body))
            case "issue":
                report = json.loads(Path(arguments.document).read_text(encoding="utf-8"))
                body = keyed(Path(arguments.report).read_text(encoding="utf-8"), arguments.place)
                title = f"Drift of {report['target']['name']}"
                wanted = bool(report["drift"])
                _tell("issue", put_issue(forge_of(os.environ), title=title, body=body, wanted=wanted))
            case "counts":
                sys.stdout.write(widget(Path(arguments.document).read_text(encoding="utf-8")))
    except (ForgeError, OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"error: {error}\n")
        return FAILED
    return 0


def widget(text: str) -> str:
    """Return what GitLab counts of a plan: what comes, what changes, what goes."""
    summary = json.loads(text)["summary"]
    created = sum(summary[name] for name in _COMES)
    deleted = sum(summary[name] for name in _GOES_AWAY)
    updated = sum(summary[name] for name in ("update", "adopt", "setStatus", "setType"))
    return json.dumps({"create": created, "update": updated, "delete": deleted}) + "\n"


def _tell(what: str, done: Done) -> None:
    sys.stderr.write(f"{what}: {done.what} {done.id}".rstrip() + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reconciler.pipeline", description=__doc__.partition("\n\n")[0])
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("github", help="the GitHub action's step", allow_abbrev=False)
    comment = commands.add_parser("comment", help="put a report on the merge or pull request", allow_abbrev=False)
    issue = commands.add_parser("issue", help="open, update or close the issue about drift", allow_abbrev=False)
    issue.add_argument("document", help="the drift report as JSON")
    for each in (comment, issue):
        each.add_argument("report", help="the report as Markdown")
        each.add_argument("--place", default="", help="the configuration directory, where a repository has several")
    counts = commands.add_parser("counts", help="what GitLab shows of a plan, as JSON", allow_abbrev=False)
    counts.add_argument("document", help="the plan as JSON")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
