"""A declarative desired-state reconciler for a contact centre on MaxContact."""

from __future__ import annotations

__version__ = "0.1.0"
