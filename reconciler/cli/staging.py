"""The demo's stage: which passwords the example wants, and a floor manager who changes something by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from reconciler.cli.embedded import open_service
from reconciler.config.load import Loaded, load
from reconciler.errors import ReconcilerError
from reconciler.model.desired import PasswordMethod

_FIELD = "targetDropPercent"


def password_variables(folder: Path) -> tuple[str, ...]:
    """Return the environment variables that the manifests take passwords from."""
    sources = [wanted.password for wanted in load(folder, environment={}).desired.objects.values()]
    return tuple(
        sorted({each.argument[0] for each in sources if each is not None and each.method is PasswordMethod.ENVIRONMENT})
    )


def change_by_hand(folder: Path) -> str:
    """Change a campaign's drop rate in the simulator, past the manifests, and return what was done as a sentence."""
    loaded = load(folder, environment={})
    name, wanted = _campaign_with_drop_rate(loaded)
    before = Decimal(str(wanted))
    after = before + 1 if before <= 99 else before - 1
    with open_service(loaded.settings.connection()).edit() as world:
        (row,) = world.named("campaigns", name)
        identity = row["Id"]
        assert isinstance(identity, int)
        world.edit("campaigns", identity, TargetDropPercent=after)
    return f"A floor manager changes the target drop rate of {name!r} from {before} % to {after} %, in the portal"


def _campaign_with_drop_rate(loaded: Loaded) -> tuple[str, object]:
    for address in sorted(loaded.desired.objects):
        wanted = loaded.desired.objects[address]
        if address.kind == "Campaign" and _FIELD in wanted.fields:
            return wanted.natural_key, wanted.fields[_FIELD]
    raise ReconcilerError(f"the example has no campaign with a {_FIELD}", hint="install the package again")
