"""A reply that is still arriving becomes items: each element of its list, the moment its JSON text is complete.

The list stands at the root or as the first value of an object; prose, a code fence and a `<think>` block before it are
passed over. Text that is no such list yields nothing more: the reader of the whole reply says what is wrong.
"""

import re
from typing import Any, Literal, TypeAlias

from msrun.dsl.values.jsontext import MAX_LEVELS, MAX_SIZE, JsonRefused, parse

_State: TypeAlias = Literal["seek", "tag", "thinking", "wrapper", "element", "inside", "after", "over"]

_OPENING = re.compile(r"[\[{<]")
_NOT_BLANK = re.compile(r"[^ \t\r\n]")
_IN_VALUE = re.compile(r'["\[\]{},]')
_IN_STRING = re.compile(r'["\\]')
_THINK = "<think>"
_THOUGHT = "</think>"


class ItemStream:
    """Finds the items of one reply. The work is linear in the reply's length, however it is cut into pieces."""

    def __init__(self) -> None:
        self._state: _State = "seek"
        self._size = 0
        self._found = 0
        self._tag = ""  # what may become `<think>`, then the last characters that may become `</think>`
        self._due: Literal["key", "colon", "list"] = "key"  # what comes next in the object around the list
        self._text: list[str] = []  # the element so far
        self._levels = 0
        self._quoted = False
        self._escaped = False
        self._steps = {
            "seek": self._seek,
            "tag": self._read_tag,
            "thinking": self._think,
            "wrapper": self._unwrap,
            "element": self._begin,
            "inside": self._continue,
            "after": self._follow,
        }

    @property
    def over(self) -> bool:
        """Whether no more items will come: the list was closed, or the text is no such list."""
        return self._state == "over"

    def feed(self, piece: str) -> list[Any]:
        """Take the next piece and return the items that it completes, parsed but not yet checked."""
        items: list[Any] = []
        self._size += len(piece)
        if self._size > MAX_SIZE:
            self._state = "over"
        at = 0
        while at < len(piece) and self._state != "over":
            at = self._steps[self._state](piece, at, items)
        return items

    def _seek(self, piece: str, at: int, _items: list[Any]) -> int:
        opening = _OPENING.search(piece, at)
        if opening is None:
            return len(piece)
        if opening[0] == "<":
            self._state, self._tag = "tag", ""
            return opening.start()
        self._state, self._due = ("element" if opening[0] == "[" else "wrapper"), "key"
        return opening.end()

    def _read_tag(self, piece: str, at: int, _items: list[Any]) -> int:
        if not _THINK.startswith(self._tag + piece[at]):
            self._state = "seek"
            return at
        self._tag += piece[at]
        if self._tag == _THINK:
            self._state, self._tag = "thinking", ""
        return at + 1

    def _think(self, piece: str, at: int, _items: list[Any]) -> int:
        window = self._tag + piece[at:]
        end = window.find(_THOUGHT)
        if end < 0:
            self._tag = window[1 - len(_THOUGHT) :]
            return len(piece)
        self._state = "seek"
        return at + end + len(_THOUGHT) - len(self._tag)

    def _unwrap(self, piece: str, at: int, _items: list[Any]) -> int:
        """Read `"key": [` after the brace of an object around the list; a brace that stands in prose is passed over."""
        if self._quoted:
            return self._skip_string(piece, at)
        found = _NOT_BLANK.search(piece, at)
        if found is None:
            return len(piece)
        match self._due, found[0]:
            case "key", '"':
                self._quoted, self._due = True, "colon"
            case "colon", ":":
                self._due = "list"
            case "list", "[":
                self._state = "element"
            case "list", _:
                self._state = "over"
            case _:
                self._state = "seek"
                return found.start()
        return found.end()

    def _begin(self, piece: str, at: int, _items: list[Any]) -> int:
        found = _NOT_BLANK.search(piece, at)
        if found is None:
            return len(piece)
        if found[0] == "]":
            self._state = "over"
            return found.end()
        self._state, self._levels = "inside", 0
        self._text.clear()
        return found.start()

    def _continue(self, piece: str, at: int, items: list[Any]) -> int:
        if self._quoted:
            end = self._skip_string(piece, at)
            self._text.append(piece[at:end])
            return end if self._quoted or self._levels else self._complete(end, items)
        found = _IN_VALUE.search(piece, at)
        if found is None:
            self._text.append(piece[at:])
            return len(piece)
        sign, end = found[0], found.end()
        if self._levels == 0 and sign in ",]}":  # the end of a number or literal
            self._text.append(piece[at : end - 1])
            return self._complete(end - 1, items)
        self._text.append(piece[at:end])
        self._quoted = sign == '"'
        self._levels += (sign in "[{") - (sign in "]}")
        if self._levels >= MAX_LEVELS:
            self._state = "over"
        return self._complete(end, items) if self._levels == 0 and sign in "]}" else end

    def _skip_string(self, piece: str, at: int) -> int:
        if self._escaped:
            self._escaped = False
            return at + 1
        found = _IN_STRING.search(piece, at)
        if found is None:
            return len(piece)
        self._escaped = found[0] == "\\"
        self._quoted = self._escaped
        return found.end()

    def _complete(self, end: int, items: list[Any]) -> int:
        try:
            items.append(parse("".join(self._text), levels=MAX_LEVELS - 1))
        except JsonRefused:
            # Nothing found yet: the bracket stood in prose, as in "Steps [in order]: [...]".
            self._state = "over" if self._found else "seek"
            return end
        self._found += 1
        self._state = "after"
        return end

    def _follow(self, piece: str, at: int, _items: list[Any]) -> int:
        found = _NOT_BLANK.search(piece, at)
        if found is None:
            return len(piece)
        self._state = "element" if found[0] == "," else "over"
        return found.end()
