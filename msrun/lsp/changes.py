"""Requests whose answer changes texts: formatting, renaming, and the cures of findings."""

from collections.abc import Iterable

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from msrun.dsl import words
from msrun.dsl.assist.rename import Refusal, apply, check_name, renamable
from msrun.dsl.cure import cure, errors_in
from msrun.dsl.diagnostic import Diagnostic
from msrun.dsl.format.formatted import MeaningChangedError, format_text
from msrun.dsl.source import Source, Span
from msrun.lsp import convert
from msrun.lsp.answers import mentions
from msrun.lsp.positions import Ruler
from msrun.lsp.session import Session
from msrun.lsp.workspace import Document, uri_of

ACTIONS = types.CodeActionOptions([types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll])


class Refused(JsonRpcException):
    """An answer that the editor shows to the writer as it stands."""

    CODE = types.LSPErrorCodes.RequestFailed.value
    MESSAGE = "refused"

    @classmethod
    def because(cls, why: str) -> "Refused":
        """Refuse for a reason."""
        return cls(why, cls.CODE)


def register(server: LanguageServer, session: Session) -> None:
    """Let a server answer these requests."""
    _format(server, session)
    _rename(server, session)
    _cure(server, session)


def _format(server: LanguageServer, session: Session) -> None:
    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    def formatted(params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
        document = session.desk.of(params.text_document.uri)
        if document is None:
            return None
        try:
            made = format_text(document.name, document.text).text
        except MeaningChangedError as error:
            raise Refused.because(f"{error}, so it is left as it is") from None
        if made is None:
            raise Refused.because("a file with syntax errors is left as it is")
        ruler = Ruler(Source(document.name, document.text), session.units)
        return list(convert.edits(_difference(document.text, made), ruler))


def _difference(old: str, new: str) -> Iterable[tuple[Span, str]]:
    """The lines that change, so that cursors and marks elsewhere stay where they are."""
    from difflib import SequenceMatcher

    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    for tag, first, last, begin, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            yield Span(starts[first], starts[last]), "".join(after[begin:end])


def _rename(server: LanguageServer, session: Session) -> None:
    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepared(params: types.PrepareRenameParams) -> types.Range | None:
        document = session.desk.of(params.text_document.uri)
        if document is None:
            return None
        ruler = session.ruler(document)
        mention = renamable(session.desk.index(document), ruler.offset(params.position))
        return None if isinstance(mention, Refusal) else ruler.range(mention.span)

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    def renamed(params: types.RenameParams) -> types.WorkspaceEdit | None:
        document = session.desk.of(params.text_document.uri)
        return rename(session, document, params) if document is not None else None


def rename(session: Session, document: Document, params: types.RenameParams) -> types.WorkspaceEdit:
    """Return the edits of a renaming. Raises Refused where it would change what a file says."""
    index = session.desk.index(document)
    mention = renamable(index, session.ruler(document).offset(params.position))
    if isinstance(mention, Refusal):
        raise Refused.because(mention.why)
    refusal = check_name(index, mention.target, params.new_name)
    if refusal is not None:
        raise Refused.because(refusal.why)
    spans: dict[str, list[Span]] = {}
    rulers: dict[str, Ruler] = {}
    for file, span, ruler in mentions(session, document, mention.target):
        spans.setdefault(file, []).append(span)
        rulers[file] = ruler
    _prove(session, document, spans, rulers, params.new_name)
    found: list[types.TextDocumentEdit] = []
    for file, places in spans.items():
        known = session.desk.documents.get(file)
        which = types.OptionalVersionedTextDocumentIdentifier(
            uri_of(file, session.desk), known.version if known is not None else None
        )
        new = convert.edits(((span, params.new_name) for span in places), rulers[file])
        found.append(types.TextDocumentEdit(which, list(new)))
    return types.WorkspaceEdit(document_changes=list(found))


def _prove(
    session: Session, document: Document, spans: dict[str, list[Span]], rulers: dict[str, Ruler], new: str
) -> None:
    """Check the texts as they would be: a name that is taken shows as an error that was not there before."""
    from msrun.dsl.front import study
    from msrun.dsl.syntax.parse import parse

    before = session.desk.study(document)
    texts = {file.program.source.name: file.program.source.text for file in before.files}
    texts |= {file: apply(rulers[file].source.text, places, new) for file, places in spans.items()}
    base = document.path.parent if document.path is not None else None
    beside = {name.removeprefix(f"{base}/"): text for name, text in texts.items() if name.startswith(f"{base}/")}
    after = study(parse(Source(document.name, texts[document.name])), base=base, beside=beside)
    if errors_in(after.checked) > errors_in(before.checked):
        old = {(each.entry, each.values) for each in before.checked.diagnostics}
        first = next((e for e in after.checked.diagnostics if (e.entry, e.values) not in old), None)
        raise Refused.because(words.message(first, session.lang) if first is not None else f"`{new}` is taken")


def _cure(server: LanguageServer, session: Session) -> None:
    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, ACTIONS)
    def offered(params: types.CodeActionParams) -> list[types.CodeAction]:
        document = session.desk.of(params.text_document.uri)
        if document is None:
            return []
        ruler = session.ruler(document)
        within = ruler.span(params.range)
        own = [e for e in session.desk.study(document).checked.diagnostics if e.places[0].source.name == document.name]
        cures = [each for each in own if each.fix]
        only = params.context.only
        found: list[types.CodeAction] = []
        if only is None or types.CodeActionKind.QuickFix in only:
            found += [_action(session, document, each, ruler) for each in cures if _near(each, within)]
        if cures and only is not None and {types.CodeActionKind.Source, types.CodeActionKind.SourceFixAll} & set(only):
            found += _all(session, document, ruler)
        return found


def _near(found: Diagnostic, within: Span) -> bool:
    span = found.places[0].span
    return span.start <= within.end and within.start <= span.end


def _action(session: Session, document: Document, found: Diagnostic, ruler: Ruler) -> types.CodeAction:
    title = _title(found) if len(found.fix) == 1 else words.advice(found, session.lang)
    edits = [types.TextEdit(ruler.range(edit.span), edit.text) for edit in found.fix]
    return types.CodeAction(
        title=title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[convert.diagnostic(found, ruler, session.desk, session.lang)],
        edit=types.WorkspaceEdit({document.uri: edits}),
        is_preferred=True,
    )


def _title(found: Diagnostic) -> str:
    """Say what one edit does, in signs that need no language."""
    (source, span, new), *_ = found.fix
    old = source.text[span.start : span.end]
    return f"`{old}` → `{new}`" if old and new else f"{'-' if old else '+'} `{(old or new).strip()}`"


def _all(session: Session, document: Document, ruler: Ruler) -> list[types.CodeAction]:
    """One action that makes every certain cure, as `msrun check --fix` would."""
    base = document.path.parent if document.path is not None else None
    cured = cure(document.name, document.text, base=base, beside=session.desk.beside(base))
    if cured.text == document.text:
        return []
    edits = list(convert.edits(_difference(document.text, cured.text), ruler))
    title = {"en": "Make every certain fix of the file", "zh": "应用本文件中所有确定的修正"}[session.lang]
    edit = types.WorkspaceEdit({document.uri: edits})
    return [types.CodeAction(title=title, kind=types.CodeActionKind.SourceFixAll, edit=edit)]
