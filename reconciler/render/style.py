"""How text output may look: words first, colour only on top of them and only when asked for."""

from __future__ import annotations

from dataclasses import dataclass

_CODES = {
    "title": "1",
    "good": "32",
    "bad": "31",
    "warn": "33",
    "note": "36",
    "dim": "2",
    "alarm": "1;31",
}


@dataclass(frozen=True, slots=True)
class Style:
    """Paints words for a terminal when `colour` is true, else leaves them alone."""

    colour: bool = False

    def paint(self, role: str, text: str) -> str:
        """Return the text in the colour of its role: title, good, bad, warn, note, dim or alarm."""
        if not self.colour or not text:
            return text
        return f"\x1b[{_CODES[role]}m{text}\x1b[0m"
