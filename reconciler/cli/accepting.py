"""`reconciler drift --accept`: let the manifests say what the target says."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from reconciler.accept import choose
from reconciler.cli import wiring
from reconciler.cli.options import TEXT, Output, PlanningOptions
from reconciler.cli.output import Renderers, deliver
from reconciler.cli.session import Session
from reconciler.config.catalogs import names_by_id
from reconciler.config.editing import write_values
from reconciler.errors import UsageError
from reconciler.model.acceptance import Acceptance, acceptance_document
from reconciler.model.json_text import json_text
from reconciler.render.acceptance_text import acceptance_text

_FORMATS = (TEXT, "json")
FAILED = 1


def accept(
    session: Session, place: str, patterns: tuple[str, ...], *, planning: PlanningOptions, output: Output
) -> int:
    """Write the chosen values that moved into the manifests and show them; return the exit code."""
    _check_formats(output)
    survey = wiring.survey(session, place, planning)
    settings = survey.loaded.settings
    target = settings.connection()
    proposals, declined = choose(
        patterns,
        survey.plan,
        desired=survey.loaded.desired,
        live=survey.live,
        ledger=survey.ledger,
        timezone=target.timezone,
    )
    written = write_values(
        proposals,
        survey.loaded.documents,
        directory=settings.directory,
        catalogs=names_by_id(survey.loaded.documents, target=target.name),
        zone=ZoneInfo(target.timezone),
    )
    acceptance = Acceptance(accepted=written.accepted, declined=(*declined, *written.declined))
    for each in acceptance.declined:
        session.screen.fail(f"{each.address} {each.field}".rstrip() + f": {each.reason}", hint=each.advice)
    deliver(session.screen, output, _renderers(acceptance))
    return FAILED if acceptance.declined else 0


def _check_formats(output: Output) -> None:
    asked = {output.format, *(name for name, _ in output.reports)} - set(_FORMATS)
    if asked:
        raise UsageError(
            f"--accept writes no {', '.join(sorted(asked))}", hint=f"take one of {', '.join(_FORMATS)}, or run it alone"
        )


def _renderers(acceptance: Acceptance) -> Renderers:
    return Renderers(
        formats={
            TEXT: lambda options: acceptance_text(acceptance, colour=options.colour),
            "json": lambda _: json_text(acceptance_document(acceptance)),
        }
    )
