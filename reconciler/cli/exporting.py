"""From a live target to files in a directory: read, export, write, and with --verify read back and plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from reconciler.cli import wiring
from reconciler.cli.export_files import arrange, write
from reconciler.cli.manifests import read_manifests, read_settings
from reconciler.cli.session import Session
from reconciler.config.build import CATALOG
from reconciler.config.existing import catalogs_in, declared, has_project, read_back, read_existing
from reconciler.config.schema_files import read_schema
from reconciler.config.settings import Settings
from reconciler.config.source import Document
from reconciler.config.writer import accepts
from reconciler.errors import ReconcilerError
from reconciler.export import export
from reconciler.model.address import Address
from reconciler.model.ledger import Ledger
from reconciler.model.live import LiveInventory
from reconciler.model.manifest import Choice, Entry, Export, Manifest
from reconciler.model.plan import Action
from reconciler.planner import make_plan
from reconciler.render.export_text import export_text, verification_text
from reconciler.render.wording import counted

FAILED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to export and how to write it, as the command's options say; `timeout` is in seconds."""

    choice: Choice
    layout: str
    force: bool = False
    update: bool = False
    verify: bool = False
    timeout: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """
    The directories: `configuration` holds the project, `directory` is written to.

    `here` are the documents of the latter, `around` those of the former beyond it, where the one is inside the other.
    """

    configuration: Path
    directory: Path
    settings: Settings
    inside: bool
    here: tuple[Document, ...]
    around: tuple[Document, ...]
    catalogs: tuple[Document, ...]


def export_to(session: Session, place: str, order: Order) -> int:
    """Export the target's configuration into a directory; return the exit code."""
    ground = _survey(session, Path(place))
    settings = ground.settings
    target = settings.connection()
    ledger = wiring.load_ledger(session, wiring.open_ledger(settings), target)
    with wiring.connect(settings, timeout=order.timeout) as client:
        live = wiring.fetch_live(session, client, target.url)
    known = declared(
        ground.here, around=ground.around, catalogs=ground.catalogs, settings=settings, together=order.update
    )
    found = export(
        live=live,
        ledger=ledger,
        policy=settings.policy,
        declared=known,
        choice=order.choice,
        accepts=accepts,
    )
    _require_something(found, live, order)
    if not ground.inside:
        found = replace(found, manifests=(*found.manifests, *_catalog(ground, found)))
    writing = arrange(
        found.manifests,
        directory=ground.directory,
        layout=order.layout,
        existing=ground.here,
        force=order.force,
        update=order.update,
    )
    twice = _declared_around(ground, found)
    write(ground.directory, writing.files)
    session.screen.result(export_text(found, place=place, written=len(writing.files), unchanged=writing.unchanged))
    if twice:
        where = ", ".join(str(each.start) for each in twice[:3])
        session.screen.warn(
            f"{counted(len(twice), 'document')} of these stand in {ground.configuration} already ({where}): "
            "keep one of each; --update leaves out what is there"
        )
    if not order.verify or not found.manifests:
        return 0
    # Two of one name are an error wherever they are read together.
    alone = replace(ground, inside=False) if twice else ground
    return _verify(session, alone, (live, ledger), found)


def _survey(session: Session, directory: Path) -> _Ground:
    if directory.exists() and not directory.is_dir():
        raise ReconcilerError(f"{directory} is a file", hint="name a directory; it is made if there is none")
    named = session.config is not None
    configuration = Path(session.directory(None)) if named or not has_project(directory) else directory
    settings = read_settings(session, str(configuration))
    # Without a project or --config the current directory may hold any YAML, which is nobody's business here.
    is_configuration = named or has_project(configuration)
    below = _below(configuration, directory) if is_configuration else None
    here = read_existing(directory, settings)
    around = read_existing(configuration, settings) if is_configuration and directory != configuration else ()
    beyond = around if not below else tuple(each for each in around if not each.source.name.startswith(f"{below}/"))
    return _Ground(
        configuration=configuration,
        directory=directory,
        settings=settings,
        inside=below is not None,
        here=here,
        around=beyond if below is not None else (),
        catalogs=catalogs_in((*here, *beyond)),
    )


def _below(configuration: Path, directory: Path) -> str | None:
    """Return a directory's path inside the configuration, empty for itself, None where it lies elsewhere."""
    outer, inner = configuration.resolve(), directory.resolve()
    if not inner.is_relative_to(outer):
        return None
    return "" if inner == outer else inner.relative_to(outer).as_posix()


def _catalog(ground: _Ground, found: Export) -> Iterator[Manifest]:
    """Yield a catalog of the names that the documents use, where nothing that is read with them has one."""
    own = declared(ground.here, catalogs=catalogs_in(ground.here), settings=ground.settings)
    missing = {
        group: {name: number for name, number in names.items() if own.catalogs.get(group, {}).get(number) != name}
        for group, names in found.names.items()
    }
    groups = read_schema(CATALOG.lower())["properties"]["spec"]["properties"]
    entries = tuple(Entry(name=group, value=missing[group]) for group in groups if missing.get(group))
    if entries:
        numbered = (Address(CATALOG, f"exported-ids{f'-{number}' if number > 1 else ''}") for number in count(1))
        address = next(each for each in numbered if each not in own.addresses)
        yield Manifest(address=address, beside=address, spec=entries)


def _declared_around(ground: _Ground, found: Export) -> tuple[Document, ...]:
    """Return the documents elsewhere in the configuration that declare what the export declares too."""
    exported = {(each.address.kind, each.address.name) for each in found.manifests if not each.stub}
    return tuple(each for each in ground.around if (each.kind, each.name) in exported)


def _require_something(found: Export, live: LiveInventory, order: Order) -> None:
    """Refuse an export of nothing, unless it is because Git has everything already."""
    choice = order.choice
    if found.manifests or choice.only_new:
        return
    if choice.kinds or choice.names or choice.ids or choice.only_active:
        raise ReconcilerError(
            "no live object is what --kind, --name, --id and --active-only ask for",
            hint="names are globs, in quotes: --name 'Spring*'; --id takes one Id and may be repeated",
        )
    what = "only protected logins" if any(True for _ in live) else "nothing"
    raise ReconcilerError(
        f"the target has {what} to export",
        hint="check the url, and with `reconciler doctor` what the account may read",
    )


def _verify(session: Session, ground: _Ground, known: tuple[LiveInventory, Ledger], found: Export) -> int:
    """Plan what was written: whatever it would change is a mistake of this export."""
    settings = ground.settings
    if ground.inside:
        desired = read_manifests(session, str(ground.configuration)).desired
    else:
        desired, warnings = read_back(ground.directory, catalogs=ground.catalogs, settings=settings)
        session.screen.problems(warnings)
    target = settings.connection()
    live, ledger = known
    plan = make_plan(
        desired=desired, live=live, ledger=ledger, policy=settings.policy, target=target.name, url=target.url
    )
    exported = {(manifest.address.kind, manifest.address.name) for manifest in found.manifests}
    steps = tuple(step for step in plan.steps if (step.kind, step.name) in exported)
    differences = tuple(step for step in steps if step.action is not Action.ADOPT)
    session.screen.result(verification_text(steps, differences))
    return FAILED if differences else 0
