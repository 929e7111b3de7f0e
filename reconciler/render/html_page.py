"""
The frame of every HTML page: one file that fetches nothing and runs nothing but its own script.

Everything that goes into a page passes through `text` or `anchor`. The content security policy names the page's own
style and script by their digests, so that even a text that got through could not run.
"""

from __future__ import annotations

import hashlib
import html
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from reconciler.render.html_assets import SCRIPT, STYLE
from reconciler.render.visible import visible

_LAID_OUT_AT_ONCE = 200
"""Cards that a browser lays out without anybody noticing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """Something to filter by: `name` is the data attribute of the parts, `label` what people read."""

    name: str
    label: str
    values: tuple[str, ...]


def text(value: object) -> str:
    """Return text for a page or an attribute: shown as it is, never markup."""
    return html.escape(visible(str(value)), quote=True)


def anchor(name: str) -> str:
    """Return the id under which something of that name is found, without spaces, as an attribute's value."""
    return text(name).replace(" ", "_")


def link(name: str) -> str:
    """Return the reference to what `anchor` names, as an attribute's value."""
    return "#" + quote(visible(name).replace(" ", "_"), safe="")


def token(value: str) -> str:
    """Return a facet's value as one word of a data attribute."""
    return text(value).replace(" ", "-")


def page(*, title: str, lead: str, body: str, footer: str) -> str:
    """Return a whole page; `title` is plain text, the rest is HTML. A long one lays out only what is looked at."""
    many = ' class="many"' if body.count("<article") > _LAID_OUT_AT_ONCE else ""
    policy = f"default-src 'none'; style-src '{_digest(STYLE)}'; script-src '{_digest(SCRIPT)}'; base-uri 'none'"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{text(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<header>
<h1>{text(title)}</h1>
{lead}
</header>
<main id="main"{many}>
{body}
</main>
<footer>
{footer}
</footer>
<script>{SCRIPT}</script>
</body>
</html>
"""


def _digest(source: str) -> str:
    return "sha256-" + b64encode(hashlib.sha256(source.encode()).digest()).decode()


def section(title: str, items: Iterable[str], *, identifier: str) -> str:
    """Return a titled list of HTML items, nothing when there are none."""
    listed = "\n".join(f"<li>{item}</li>" for item in items)
    return f'<section id="{identifier}">\n<h2>{text(title)}</h2>\n<ul>\n{listed}\n</ul>\n</section>' if listed else ""


def filters(facets: Sequence[Facet]) -> str:
    """Return the search field and the choices; the script shows them, since they do nothing without it."""
    choices = "\n".join(_choice(facet) for facet in facets if len(facet.values) > 1)
    return f"""<form hidden aria-label="Filter">
<label>Search<input type="search" name="search" autocomplete="off"></label>
{choices}
<button type="reset">Clear</button>
<output role="status"></output>
</form>"""


def _choice(facet: Facet) -> str:
    options = "".join(f'<option value="{token(value)}">{text(value)}</option>' for value in facet.values)
    return (
        f'<label>{text(facet.label)}<select name="{facet.name}"><option value="">all</option>{options}</select></label>'
    )


def article(*, name: str, title: str, parts: Iterable[str]) -> str:
    """Return an object's card: its anchor, its title and its parts (HTML made by `part`)."""
    inner = "\n".join(parts)
    heading = f'<h3><a href="{link(name)}">{text(title)}</a></h3>'
    return f'<article id="{anchor(name)}">\n{heading}\n{inner}\n</article>'


def part(inner: str, *, data: Mapping[str, str], identifier: str = "") -> str:
    """Return a part of a card that can be filtered; `data` holds its value for each facet."""
    attributes = "".join(f' data-{name}="{value}"' for name, value in data.items())
    named = f' id="{anchor(identifier)}"' if identifier else ""
    return f'<div class="part"{named}{attributes}>\n{inner}\n</div>'


def table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of HTML cells with a caption for those who don't see it, nothing when there are no rows."""
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{text(column)}</th>' for column in columns)
    body = "\n".join("<tr>" + "".join(f'<td class="value">{cell}</td>' for cell in row) + "</tr>" for row in rows)
    return f'<table><caption class="aside">{text(caption)}</caption><tr>{head}</tr>\n{body}\n</table>'
