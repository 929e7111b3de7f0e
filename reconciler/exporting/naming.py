"""
What live objects are called in Git: readable, unique within their kind, and the same in every run.

A name that the ledger or a document already gives an object is kept. New ones are made for all live objects in the
order of their Ids, whether they are exported or not: then neither a filter nor a newer object changes a name.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Set

from reconciler.kinds.registry import KINDS
from reconciler.model.address import Address
from reconciler.model.ledger import Ledger
from reconciler.model.live import LiveInventory, LiveObject
from reconciler.model.manifest import Declared

LONGEST = 128
_LONGEST_MADE = 100
"""Leaves room for an Id, and for the names of documents that are called after this one."""

_EDGES = "._-"
_FOREIGN = re.compile(r"[^a-z0-9._-]+")
_RUNS = re.compile(r"-*([._-])[._-]*")

_LATIN = dict(zip("æœßøđðþłıħŋŧĸ", ("ae", "oe", "ss", "o", "d", "d", "th", "l", "i", "h", "n", "t", "k"), strict=True))
_GREEK = dict(
    zip("αβγδεζηθικλμνξοπρσςτυφχψω", (*"avgdez", "i", "th", *"iklmnxoprssty", "f", "ch", "ps", "o"), strict=True)
)
_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўјљњћђџѓќѕ",
        (
            *(*"abvgdee", "zh", *"ziiklmnoprstuf", "kh", "ts", "ch", "sh", "shch", "", "y", "", "e", "iu", "ia"),
            *("i", "i", "ie", "g", "u", "j", "lj", "nj", "c", "dj", "dz", "gj", "kj", "dz"),
        ),
        strict=True,
    )
)
_LETTERS = str.maketrans(_LATIN | _GREEK | _CYRILLIC)


def transliterate(text: str) -> str:
    """Return a text in the characters of a document's name; empty when nothing of it can be said in them."""
    letters = text.casefold().translate(_LETTERS)
    plain = "".join(each for each in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(each))
    words = _FOREIGN.sub("-", plain.casefold().translate(_LETTERS))
    return _RUNS.sub(r"\1", words)[:_LONGEST_MADE].strip(_EDGES)


def name_objects(
    live: LiveInventory, ledger: Ledger, declared: Declared, *, can_name: Callable[[LiveObject], bool]
) -> Mapping[tuple[str, int], Address]:
    """Return the address of every live object, by kind and Id; `can_name` says whose natural key can be written."""
    taken = {*ledger.objects, *declared.addresses}
    recorded = {(address.kind, record.id): address for address, record in ledger.objects.items()}
    names: dict[tuple[str, int], Address] = {}
    for spec in KINDS:
        new = []
        for each in live.objects.get(spec.name, {}).values():
            known = recorded.get((each.kind, each.id)) or document_of(each, live, declared)
            if known is None:
                new.append(each)
            else:
                names[each.kind, each.id] = known
        for each in sorted(new, key=lambda item: item.id):
            # A document without its natural key is taken to mean the object of its own name.
            others: Set[str] = frozenset() if can_name(each) else live.by_key[spec.name].keys()
            address = next(found for found in _candidates(each) if found not in taken and found.name not in others)
            taken.add(address)
            names[each.kind, each.id] = address
    return names


def document_of(live: LiveObject, inventory: LiveInventory, declared: Declared) -> Address | None:
    """Return the document that means a live object: by its Id, else by its name where no other object has it."""
    found = declared.by_id.get((live.kind, live.id))
    if found is None and len(inventory.ids_named(live.kind, live.natural_key)) == 1:
        found = declared.by_natural_key.get((live.kind, live.natural_key))
    return found


def shortened(name: str, suffix: str = "") -> str:
    """Return a name that is not too long for a document, with its suffix whole."""
    return name[: LONGEST - len(suffix)].rstrip(_EDGES) + suffix


def _candidates(live: LiveObject) -> Iterator[Address]:
    base = transliterate(live.natural_key)
    if base:
        yield Address(live.kind, base)
    numbered = f"{base or live.kind.lower()}-{live.id}"
    yield Address(live.kind, numbered)
    yield from (Address(live.kind, f"{numbered}-{number}") for number in itertools.count(2))
