"""Requests that only look: hover, definition, references, completion, outline, folding, colours, signatures."""

from collections.abc import Iterator

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from msrun.dsl.assist.complete import complete
from msrun.dsl.assist.hover import hover
from msrun.dsl.assist.index import Mention, Target
from msrun.dsl.assist.outline import folds, outline
from msrun.dsl.assist.signature import signature
from msrun.dsl.assist.tint import TINTS, tint
from msrun.dsl.source import Source, Span
from msrun.lsp import convert
from msrun.lsp.positions import Ruler
from msrun.lsp.session import Session
from msrun.lsp.workspace import Document, uri_of

TRIGGERS = [".", "|", ":", " ", '"', "{", "(", "/"]
LEGEND = types.SemanticTokensLegend(list(TINTS), ["declaration"])


def register(server: LanguageServer, session: Session) -> None:
    """Let a server answer these requests."""
    _names(server, session)
    _writing(server, session)
    _shape(server, session)


def _names(server: LanguageServer, session: Session) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hovered(params: types.HoverParams) -> types.Hover | None:
        document = session.desk.of(params.text_document.uri)
        if document is None:
            return None
        ruler = session.ruler(document)
        found = hover(session.desk.index(document), ruler.offset(params.position))
        kind = types.MarkupKind.Markdown if session.markdown else types.MarkupKind.PlainText
        return types.Hover(types.MarkupContent(kind, found.text), ruler.range(found.span)) if found else None

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def defined(params: types.DefinitionParams) -> types.Location | None:
        document = session.desk.of(params.text_document.uri)
        if document is None:
            return None
        offset = session.ruler(document).offset(params.position)
        mention = session.desk.index(document).at(offset)
        if mention is not None:
            return location(session, document, mention.target)
        return _imported(session, document, offset)

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    def references(params: types.ReferenceParams) -> list[types.Location]:
        found = mention_at(session, params.text_document.uri, params.position)
        if found is None:
            return []
        document, mention = found
        named = mentions(session, document, mention.target)
        declared = params.context.include_declaration
        return [
            types.Location(uri_of(file, session.desk), ruler.range(span))
            for file, span, ruler in named
            if declared or (file, span) != mention.target
        ]

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    def highlighted(params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
        found = mention_at(session, params.text_document.uri, params.position)
        if found is None:
            return []
        document, mention = found
        ruler = session.ruler(document)
        places = session.desk.index(document).of(mention.target)
        return [types.DocumentHighlight(ruler.range(span)) for file, span in places if file == document.name]


def mention_at(session: Session, uri: str, at: types.Position) -> tuple[Document, Mention] | None:
    """Return the name under a position."""
    document = session.desk.of(uri)
    mention = session.desk.index(document).at(session.ruler(document).offset(at)) if document is not None else None
    return (document, mention) if document is not None and mention is not None else None


def mentions(session: Session, document: Document, target: Target) -> Iterator[tuple[str, Span, Ruler]]:
    """Yield every place that names a declaration, in all files that may; each once."""
    home = session.desk.at(target.file) or document
    seen: set[tuple[str, Span]] = set()
    for each in (document, *session.desk.around(home)):
        index = session.desk.index(each)
        rulers = {file.program.source.name: Ruler(file.program.source, session.units) for file in index.study.files}
        for file, span in index.of(target):
            if (file, span) not in seen:
                seen.add((file, span))
                yield file, span, rulers[file]


def location(session: Session, document: Document, target: Target) -> types.Location | None:
    """Return where a declaration stands."""
    files = session.desk.study(document).files
    source = next((file.program.source for file in files if file.program.source.name == target.file), None)
    if source is None:
        return None
    return types.Location(uri_of(target.file, session.desk), Ruler(source, session.units).range(target.span))


def _imported(session: Session, document: Document, offset: int) -> types.Location | None:
    """The file that the path of an import leads to."""
    for span, there in session.desk.study(document).main.file.sources.items():
        if there is not None and span.start <= offset <= span.end:
            start = types.Position(0, 0)
            return types.Location(uri_of(there.source.name, session.desk), types.Range(start, start))
    return None


def _writing(server: LanguageServer, session: Session) -> None:
    @server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=TRIGGERS))
    def completed(params: types.CompletionParams) -> types.CompletionList | None:
        document = session.desk.of(params.text_document.uri)
        if document is None:
            return None
        desk, ruler = session.desk, Ruler(Source(document.name, document.text), session.units)
        offset = ruler.offset(params.position)
        offers = complete(
            document.name, document.text, offset, lambda text: desk.look(document, text), lambda: desk.plans(document)
        )
        word = types.Range(ruler.position(_word_start(document.text, offset)), params.position)
        path = any(each.kind == "file" for each in offers)
        word = types.Range(ruler.position(document.text.rfind('"', 0, offset) + 1), params.position) if path else word
        items = [convert.completion(each, word, markdown=session.markdown) for each in offers]
        return types.CompletionList(is_incomplete=False, items=items)

    @server.feature(types.TEXT_DOCUMENT_SIGNATURE_HELP, types.SignatureHelpOptions(["(", ","], [":"]))
    def signed(params: types.SignatureHelpParams) -> types.SignatureHelp | None:
        document = session.desk.of(params.text_document.uri)
        if document is None:
            return None
        offset = Ruler(Source(document.name, document.text), session.units).offset(params.position)
        found = signature(document.name, document.text, offset, lambda text: session.desk.look(document, text))
        return convert.signature(found) if found is not None else None


def _word_start(text: str, offset: int) -> int:
    while offset and (text[offset - 1].isalnum() or text[offset - 1] == "_"):
        offset -= 1
    return offset


def _shape(server: LanguageServer, session: Session) -> None:
    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def outlined(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        document = session.desk.of(params.text_document.uri)
        if document is None:
            return []
        return convert.symbols(outline(session.desk.study(document).main.program), session.ruler(document))

    @server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
    def folded(params: types.FoldingRangeParams) -> list[types.FoldingRange]:
        document = session.desk.of(params.text_document.uri)
        return convert.folding(folds(session.desk.study(document).main.program)) if document is not None else []

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, LEGEND)
    def coloured(params: types.SemanticTokensParams) -> types.SemanticTokens:
        document = session.desk.of(params.text_document.uri)
        if document is None:
            return types.SemanticTokens([])
        words = tint(session.desk.index(document))
        return types.SemanticTokens(convert.tokens(words, session.ruler(document)))

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, LEGEND)
    def coloured_range(params: types.SemanticTokensRangeParams) -> types.SemanticTokens:
        document = session.desk.of(params.text_document.uri)
        if document is None:
            return types.SemanticTokens([])
        ruler = session.ruler(document)
        words = tint(session.desk.index(document), ruler.span(params.range))
        return types.SemanticTokens(convert.tokens(words, ruler))
