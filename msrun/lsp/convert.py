"""Answers about offsets become the protocol's objects about positions."""

from collections.abc import Iterable, Iterator, Sequence

from lsprotocol import types

from msrun.dsl import words
from msrun.dsl.assist.offer import Offer, OfferKind
from msrun.dsl.assist.outline import Entry, Fold
from msrun.dsl.assist.signature import Signature
from msrun.dsl.assist.tint import TINTS, Word
from msrun.dsl.diagnostic import Diagnostic
from msrun.dsl.source import Span
from msrun.lsp.positions import Ruler, width
from msrun.lsp.workspace import Desk, uri_of

PAGE = "https://github.com/msrun/msrun/blob/main/docs/diagnostics.md"

KINDS: dict[OfferKind, types.CompletionItemKind] = {
    "kind": types.CompletionItemKind.Keyword,
    "keyword": types.CompletionItemKind.Keyword,
    "setting": types.CompletionItemKind.Property,
    "value": types.CompletionItemKind.Value,
    "variable": types.CompletionItemKind.Variable,
    "function": types.CompletionItemKind.Function,
    "model": types.CompletionItemKind.Class,
    "type": types.CompletionItemKind.Struct,
    "field": types.CompletionItemKind.Field,
    "label": types.CompletionItemKind.EnumMember,
    "filter": types.CompletionItemKind.Method,
    "module": types.CompletionItemKind.Module,
    "file": types.CompletionItemKind.File,
    "constant": types.CompletionItemKind.Constant,
}

SYMBOLS: dict[str, types.SymbolKind] = {
    "import": types.SymbolKind.Module,
    "type": types.SymbolKind.Struct,
    "enum": types.SymbolKind.Enum,
    "field": types.SymbolKind.Field,
    "label": types.SymbolKind.EnumMember,
    "input": types.SymbolKind.Variable,
    "arm": types.SymbolKind.Key,
    "plan": types.SymbolKind.Function,
    "fragment": types.SymbolKind.String,
    "tool": types.SymbolKind.Interface,
    "model": types.SymbolKind.Class,
    "param": types.SymbolKind.Constant,
    "test": types.SymbolKind.Event,
    "profile": types.SymbolKind.Namespace,
    "defaults": types.SymbolKind.Namespace,
}


def diagnostic(found: Diagnostic, ruler: Ruler, desk: Desk, lang: words.Language) -> types.Diagnostic:
    """Write a finding: its sentence and help, its further places as related information."""
    advice = words.advice(found, lang)
    message = words.message(found, lang) + (f"\n{words.help_word(lang)}: {advice}" if advice else "")
    labels = words.labels(found, lang)
    related = [
        types.DiagnosticRelatedInformation(
            types.Location(uri_of(place.source.name, desk), Ruler(place.source, ruler.units).range(place.span)), label
        )
        for place, label in list(zip(found.places, labels, strict=True))[1:]
    ]
    severity = types.DiagnosticSeverity.Error if found.severity == "error" else types.DiagnosticSeverity.Warning
    unused = [types.DiagnosticTag.Unnecessary] if found.code in ("W0401", "W0402", "W0403") else None
    return types.Diagnostic(
        range=ruler.range(_seen(found.places[0].span, ruler)),
        message=message,
        severity=severity,
        code=found.code,
        source="msrun",
        related_information=related or None,
        tags=unused,
    )


def _seen(span: Span, ruler: Ruler) -> Span:
    """A place without characters gets one, so that an editor has something to underline."""
    text = ruler.source.text
    if span.start < span.end:
        return span
    if span.start < len(text) and text[span.start] not in "\r\n":
        return Span(span.start, span.start + 1)
    return Span(max(0, span.start - 1), span.start) if text[span.start - 1 : span.start] not in ("", "\n") else span


def completion(offer: Offer, at: types.Range, *, markdown: bool) -> types.CompletionItem:
    """Write an offer that takes the place of the word at the cursor."""
    kind = types.MarkupKind.Markdown if markdown else types.MarkupKind.PlainText
    return types.CompletionItem(
        label=offer.label,
        kind=KINDS[offer.kind],
        detail=offer.detail or None,
        documentation=types.MarkupContent(kind, offer.about) if offer.about else None,
        sort_text=f"{offer.rank + 1:02}{offer.label}",
        text_edit=types.TextEdit(at, offer.insert or offer.label),
    )


def symbols(entries: Iterable[Entry], ruler: Ruler) -> list[types.DocumentSymbol]:
    """Write an outline."""
    return [
        types.DocumentSymbol(
            name=entry.name or "…",
            detail=entry.detail or None,
            kind=SYMBOLS.get(entry.what, types.SymbolKind.Variable),
            range=ruler.range(entry.span),
            selection_range=ruler.range(_within(entry.name_span, entry.span)),
            children=symbols(entry.inside, ruler),
        )
        for entry in entries
    ]


def _within(span: Span, outer: Span) -> Span:
    """The protocol wants the name inside its entry, in a torn file too."""
    start = min(max(span.start, outer.start), outer.end)
    return Span(start, min(max(span.end, start), outer.end))


def folding(folds: Iterable[Fold]) -> list[types.FoldingRange]:
    """Write what folds."""
    return [types.FoldingRange(fold.first, fold.last, kind=types.FoldingRangeKind(fold.what)) for fold in folds]


def tokens(found: Sequence[Word], ruler: Ruler) -> list[int]:
    """Write words as the five numbers of each: line and start relative to the one before, length, type, modifiers."""
    data: list[int] = []
    line = start = 0
    for word in found:
        at = ruler.position(word.span.start)
        same = at.line == line
        length = width(ruler.source.text[slice(*word.span)], ruler.units)
        data += [at.line - line, at.character - start if same else at.character]
        data += [length, TINTS.index(word.tint), int(word.declares)]
        line, start = at.line, at.character
    return data


def signature(found: Signature) -> types.SignatureHelp:
    """Write a signature."""
    params = [types.ParameterInformation(param) for param in found.params]
    label = f"{found.name}({', '.join(found.params)})"
    info = types.SignatureInformation(label, found.about or None, params)
    return types.SignatureHelp([info], 0, found.active)


def edits(spans: Iterable[tuple[Span, str]], ruler: Ruler) -> Iterator[types.TextEdit]:
    """Write replacements."""
    return (types.TextEdit(ruler.range(span), text) for span, text in spans)
