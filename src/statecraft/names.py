"""The nearest right name for a wrong one, as every error of the library suggests it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SIMILAR = 0.6  # difflib's own default: below it a suggestion confuses more than it helps


def nearest(wrong: object, known: Iterable[object]) -> str | None:
    """Return the one of ``known`` that reads most like ``wrong``, or ``None`` if none does."""
    if not isinstance(wrong, str):
        return None
    from difflib import get_close_matches  # noqa: PLC0415 - only errors need it

    matches = get_close_matches(wrong, [str(name) for name in known], n=1, cutoff=_SIMILAR)
    return matches[0] if matches else None


def did_you_mean(wrong: object, known: Iterable[object]) -> str:
    """Return `` Did you mean 'x'?``, or nothing, to be put behind a sentence."""
    name = nearest(wrong, known)
    return f" Did you mean {name!r}?" if name else ""


def listed(names: Iterable[object], *, none: str) -> str:
    """Return ``a, b, c``, or the text ``none`` where there are no names."""
    return ", ".join(str(name) for name in names) or none


def with_article(name: str) -> str:
    """Return ``an Order`` or ``a Ticket``, as it is read aloud in most cases."""
    return f"{'an' if name[:1] in set('AEIOaeio') else 'a'} {name}"
