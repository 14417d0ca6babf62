"""The `corpus` stage: text files become documents with their sentences, one JSON object a line, in parts.

A file is a document, or holds several with blank lines between them. `holdout` keeps documents by the hash of their
text, so that none changes its part when files are added.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from msrun.dsl.plan import Made, Node, Value
from msrun.trainers.paths import matching
from msrun.trainers.port import Figure, Report, StageProgress, TrainingFault
from msrun.trainers.settings import Settings, action, of_stage, plain, spelled
from msrun.trainers.split import UNSPLIT, Split

FILE_LIMIT_BYTES = 1024 * 1024 * 1024
_REPORT_EVERY = 1000
_CLOSERS = "\"'”’»)]}）】」』"
_ASCII = frozenset(".!?;:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """What one `corpus` statement says, checked. `ends` are the characters that end a sentence; none: not split."""

    stage: str
    target: str
    ends: str = ""
    split: Split = UNSPLIT
    limit: int | None = None
    blank_lines: bool = False


def read_corpus(node: Node) -> Corpus:
    """Return what a `corpus` node says; raises TrainingFault where it cannot be."""
    settings, made = of_stage(node), action(node).value
    settings.only(("sentences", "holdout", "limit", "documents"))
    target = plain(made.args[0]) if len(made.args) == 1 else None
    if made.name != "files" or target is None or made.named:
        raise settings.fault(f"a corpus cannot be read with {spelled(made)} in this version", 'files("data/*.txt")')
    holdout = settings.number("holdout", 0.0, high=0.99)
    return Corpus(
        stage=node.id,
        target=target,
        ends=_ends(settings.values.get("sentences"), settings),
        split=Split(("train", "holdout"), (1 - holdout, holdout)) if holdout else UNSPLIT,
        limit=settings.whole("limit") if "limit" in settings.values else None,
        blank_lines=settings.word("documents", ("files", "paragraphs"), "files") == "paragraphs",
    )


def _ends(value: Value, settings: Settings) -> str:
    match value:
        case None:
            return ""
        case Made("split", (ends,), ()) if found := plain(ends):
            return found
        case _:
            raise settings.fault(f"`sentences` must be split(…), not {spelled(value)}", 'sentences: split(".!?")')


def fingerprint(corpus: Corpus, root: Path) -> str:
    """Return a hash of the bytes of every file, in the order of their paths."""
    digest = hashlib.sha256()
    for path in matching(root, corpus.target, corpus.stage):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def write_documents(
    corpus: Corpus, root: Path, into: Path, report: Report, *, sample: int | None = None
) -> Mapping[str, Figure]:
    """Read all documents (the first `sample` where given) and write PART.jsonl; returns documents and sentences."""
    choose = corpus.split.chooser()
    counts, sentences = dict.fromkeys(corpus.split.parts, 0), 0
    most = min((limit for limit in (corpus.limit, sample) if limit is not None), default=None)
    with ExitStack() as stack:
        files = {
            part: stack.enter_context((into / f"{part}.jsonl").open("w", encoding="utf-8", newline="\n"))
            for part in counts
        }
        for number, text in enumerate(islice(_documents(corpus, root), most), start=1):
            found = sentences_of(text, corpus.ends)
            part = choose(text)
            files[part].write(json.dumps({"text": text, "sentences": found}, ensure_ascii=False) + "\n")
            counts[part] += 1
            sentences += len(found)
            if number % _REPORT_EVERY == 0:
                report(StageProgress(stage=corpus.stage, step=number, steps=most, note="documents"))
    empty = next((part for part, count in counts.items() if count == 0), None)
    if empty is not None and (sample is None or not sum(counts.values())):
        what = f"no document fell into `{empty}`" if sum(counts.values()) else f"{corpus.target} holds no text"
        raise TrainingFault("data", corpus.stage, what)
    parts = {} if len(counts) == 1 else {f"documents_{part}": count for part, count in counts.items()}
    return {"documents": sum(counts.values()), "sentences": sentences, **parts}


def _documents(corpus: Corpus, root: Path) -> Iterator[str]:
    for path in matching(root, corpus.target, corpus.stage):
        if path.stat().st_size > FILE_LIMIT_BYTES:
            raise TrainingFault("data", corpus.stage, f"{path.name} is larger than 1 GiB", help="cut it into files")
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise TrainingFault("data", corpus.stage, f"{path.name} is not UTF-8: {error.reason}") from error
        pieces = re.split(r"\n\s*\n", text) if corpus.blank_lines else [text]
        yield from (piece.strip() for piece in pieces if piece.strip())


def sentences_of(text: str, ends: str) -> list[str]:
    """Cut a text after the characters that end a sentence, and at line breaks; a dot within a number ends none.

    >>> sentences_of("It is 3.5 m. Long? 是的。好", "。.?")
    ['It is 3.5 m.', 'Long?', '是的。', '好']
    """
    if not ends:
        return [text] if text else []
    found, start = list[str](), 0
    for match in re.finditer(rf"[{re.escape(ends)}]+[{re.escape(_CLOSERS)}]*|\n", text):
        end = match.end()
        if match[0][0] in _ASCII and end < len(text) and not text[end].isspace():
            continue
        if piece := text[start:end].strip():
            found.append(piece)
        start = end
    if piece := text[start:].strip():
        found.append(piece)
    return found
