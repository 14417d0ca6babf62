"""A finding as a JSON object: its code, its words, its places and the edits that mend it."""

from typing import Any

from msrun.dsl import words
from msrun.dsl.diagnostic import Diagnostic, Edit, Place


def to_object(found: Diagnostic, lang: words.Language = "en") -> dict[str, Any]:
    """Return a finding as JSON. Lines and columns begin at 1, offsets at 0; both count code points.

    `fixes` has one list of edits that belong together, or nothing where no cure is certain.
    """
    advice = words.advice(found, lang)
    places = zip(found.places, words.labels(found, lang), strict=True)
    edits = [{**place_object(edit), "text": edit.text} for edit in found.fix]
    return {
        "code": found.code,
        "severity": found.severity,
        "message": words.message(found, lang),
        "help": advice,
        "places": [{**place_object(place), "label": label} for place, label in places],
        "fixes": [{"title": advice, "edits": edits}] if edits else [],
    }


def place_object(place: Place | Edit) -> dict[str, Any]:
    """Return where something stands."""
    source, span = place.source, place.span
    return {
        "file": source.name,
        "start": _position(source.position(span.start)),
        "end": _position(source.position(span.end)),
        "offsets": {"start": span.start, "end": span.end},
    }


def _position(at: tuple[int, int]) -> dict[str, int]:
    return {"line": at[0], "column": at[1]}
