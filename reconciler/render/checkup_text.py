"""What `doctor` found, as text for people and as a document for programs."""

from __future__ import annotations

from reconciler.model.checkup import Checkup, Health
from reconciler.render.style import Style
from reconciler.render.visible import visible
from reconciler.render.wording import counted

_ROLES = {Health.OK: "good", Health.WARNING: "warn", Health.FAILURE: "bad"}


def checkup_text(checkup: Checkup, *, colour: bool = False) -> str:
    """Return every finding with what to do, the settings with their origins, and a closing line."""
    style = Style(colour)
    width = max((len(finding.check) for finding in checkup.findings), default=0)
    lines = []
    for finding in checkup.findings:
        mark = style.paint(_ROLES[finding.health], f"{finding.health!s:<5}")
        lines.append(f"{mark} {finding.check:<{width}}  {visible(finding.detail)}")
        if finding.advice:
            lines.append(f"{'':5} {'':<{width}}  what to do: {visible(finding.advice)}")
    if checkup.settings:
        names = max(len(setting.name) for setting in checkup.settings)
        lines += ["", "Settings, and where each comes from"]
        lines += [
            f"  {setting.name:<{names}}  {visible(setting.value)}  ({visible(setting.origin)})"
            for setting in checkup.settings
        ]
    found = [sum(finding.health is health for finding in checkup.findings) for health in Health]
    counts = f"{found[0]} ok, {counted(found[1], 'warning')}, {counted(found[2], 'failure')}"
    lines += ["", f"{checkup.target or 'no target'}: {counts}."]
    return "\n".join(lines) + "\n"


def checkup_document(checkup: Checkup) -> dict[str, object]:
    """Return the same as a document."""
    return {
        "formatVersion": "1.0",
        "target": checkup.target,
        "healthy": checkup.is_healthy,
        "findings": [
            {
                "check": finding.check,
                "health": str(finding.health),
                "detail": finding.detail,
                "advice": finding.advice,
            }
            for finding in checkup.findings
        ],
        "settings": [
            {"name": setting.name, "value": setting.value, "origin": setting.origin} for setting in checkup.settings
        ],
    }
