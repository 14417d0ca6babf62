"""`msrun lsp` as an editor meets it: a process that is spoken to over its standard streams."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.lsp.editor import Editor, apply, place
from tests.lsp.texts import LIB, PLAN

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    folder = tmp_path_factory.mktemp("plans")
    (folder / "lib.plan").write_text(LIB, encoding="utf-8")
    (folder / "x.plan").write_text(PLAN, encoding="utf-8")
    (folder / "y.plan").write_text(
        'import 步骤 from "lib.plan"\nfragment one(s: 步骤) = "{{ s.id }}"\n', encoding="utf-8"
    )
    made = Editor(folder)
    made.open("x.plan")
    yield made
    assert made.stop() == 0


@pytest.fixture
def clean(editor: Editor) -> Editor:
    editor.change("x.plan", PLAN)
    return editor


def codes(found: types.PublishDiagnosticsParams) -> list[object]:
    return [each.code for each in found.diagnostics]


def test_findings_come_while_typing(clean: Editor) -> None:
    found = clean.change("x.plan", PLAN.replace("part.text", "part.txt"))
    (only,) = found.diagnostics
    assert only.code == "E0105"
    assert "did you mean `text`?" in only.message
    assert only.range.start == place(PLAN, "part.text", inside=5)
    assert codes(clean.change("x.plan", PLAN)) == []


def test_only_the_latest_of_a_burst_is_checked(clean: Editor) -> None:
    clean.found.clear()
    for at in range(20):
        clean.type("x.plan", PLAN.replace("part.text", f"part.t{at}"))
    clean.type("x.plan", PLAN.replace("part.text", "part.id"))
    version = clean.versions["x.plan"]
    assert clean.findings("x.plan", version).version == version
    assert codes(clean.findings("x.plan")) == []


def test_findings_of_importing_files_follow_unsaved_texts(clean: Editor) -> None:
    clean.open("lib.plan")
    clean.change("lib.plan", LIB.replace("text: text }", "words: text }"))
    clean.until("x.plan", ["E0105"])
    clean.change("lib.plan", LIB)
    clean.until("x.plan", [])
    clean.client.text_document_did_close(types.DidCloseTextDocumentParams(clean.document("lib.plan")))


def test_findings_of_an_imported_file_that_nobody_has_open(clean: Editor) -> None:
    broken = clean.folder / "broken.plan"
    broken.write_text("type A { x: txt }\n", encoding="utf-8")
    clean.open("z.plan", 'import A from "broken.plan"\nfragment f(a: A) = "{{ a.x }}"\n')
    assert codes(clean.findings("broken.plan")) == ["E0201"]
    broken.write_text("type A { x: text }\n", encoding="utf-8")
    event = types.FileEvent(clean.uri("broken.plan"), types.FileChangeType.Changed)
    clean.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
    clean.until("broken.plan", [])
    clean.client.text_document_did_close(types.DidCloseTextDocumentParams(clean.document("z.plan")))


def test_hover(clean: Editor) -> None:
    at = types.HoverParams(clean.document("x.plan"), place(PLAN, "part.text", inside=6))
    found = clean.do(clean.client.text_document_hover_async(at))
    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    assert "步骤.text: text" in found.contents.value


def test_definition_in_another_file(clean: Editor) -> None:
    at = types.DefinitionParams(clean.document("x.plan"), place(PLAN, "lib.line", inside=5))
    found = clean.do(clean.client.text_document_definition_async(at))
    assert isinstance(found, types.Location)
    assert found.uri == clean.uri("lib.plan")
    assert found.range.start == place(LIB, "line")


def test_definition_of_an_import_is_its_file(clean: Editor) -> None:
    at = types.DefinitionParams(clean.document("x.plan"), place(PLAN, '"lib.plan"', inside=3))
    found = clean.do(clean.client.text_document_definition_async(at))
    assert isinstance(found, types.Location)
    assert found.uri == clean.uri("lib.plan")


def test_references_in_files_that_nobody_has_open(clean: Editor) -> None:
    context = types.ReferenceContext(include_declaration=True)
    at = types.ReferenceParams(context, clean.document("x.plan"), place(PLAN, "步骤"))
    found = clean.do(clean.client.text_document_references_async(at))
    assert found is not None
    assert {each.uri for each in found} == {clean.uri(name) for name in ("lib.plan", "x.plan", "y.plan")}
    assert len(found) == 7


def renamed(editor: Editor, mark: str, new: str) -> dict[str, str]:
    """Every file as it is after a renaming, by its name."""
    at = types.RenameParams(editor.document("x.plan"), place(PLAN, mark), new)
    found = editor.do(editor.client.text_document_rename_async(at))
    assert found is not None
    texts = {name: (editor.folder / name).read_text(encoding="utf-8") for name in ("lib.plan", "y.plan")} | {
        "x.plan": PLAN
    }
    for change in found.document_changes or ():
        assert isinstance(change, types.TextDocumentEdit)
        name = change.text_document.uri.rpartition("/")[2]
        texts[name] = apply(texts[name], [each for each in change.edits if isinstance(each, types.TextEdit)])
    return texts


def test_rename_reaches_imports_holes_fragments_and_tests(clean: Editor) -> None:
    made = renamed(clean, "步骤", "Étape")
    assert made["lib.plan"] == LIB.replace("步骤", "Étape")
    assert made["x.plan"] == PLAN.replace("步骤", "Étape")
    assert "Étape" in made["y.plan"]
    assert renamed(clean, "part in", "teil")["x.plan"].count("teil") == 2
    assert 'replies("a", "b", "c", treffer: ["b"])' in renamed(clean, "found for", "treffer")["x.plan"]
    assert 'ask(frage: "?")' in renamed(clean, "question: text) -> text {", "frage")["x.plan"]


@pytest.mark.parametrize(
    ("mark", "new"), [("part in", "known"), ("part in", "for"), ("solve", "x"), ("answer from", "found")]
)
def test_a_rename_that_would_break_the_plan_is_refused(clean: Editor, mark: str, new: str) -> None:
    with pytest.raises(JsonRpcException) as refused:
        renamed(clean, mark, new)
    assert "Traceback" not in str(refused.value)


def test_completion_in_a_hole(clean: Editor) -> None:
    text = PLAN.replace("part.text", "part.")
    clean.type("x.plan", text)
    at = types.CompletionParams(clean.document("x.plan"), place(text, "part. ", inside=5))
    found = clean.do(clean.client.text_document_completion_async(at))
    assert isinstance(found, types.CompletionList)
    assert [item.label for item in found.items] == ["id", "needs", "text"]


def test_completed_text_stands_where_the_word_was(clean: Editor) -> None:
    text = PLAN.replace("using small", "using sma")
    clean.type("x.plan", text)
    at = types.CompletionParams(clean.document("x.plan"), place(text, "using sma", inside=9))
    found = clean.do(clean.client.text_document_completion_async(at))
    assert isinstance(found, types.CompletionList)
    edit = found.items[0].text_edit
    assert isinstance(edit, types.TextEdit)
    assert apply(text, [edit]) == PLAN


def test_outline_folds_colours_and_highlights(clean: Editor) -> None:
    document = clean.document("x.plan")
    outline = clean.do(clean.client.text_document_document_symbol_async(types.DocumentSymbolParams(document)))
    assert outline is not None
    assert [each.name for each in outline][-2:] == ["ask", "it"]
    folds = clean.do(clean.client.text_document_folding_range_async(types.FoldingRangeParams(document)))
    assert folds
    whole = clean.do(clean.client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(document)))
    assert whole is not None
    assert len(whole.data) % 5 == 0
    span = types.Range(types.Position(9, 0), types.Position(12, 0))
    part = clean.do(
        clean.client.text_document_semantic_tokens_range_async(types.SemanticTokensRangeParams(document, span))
    )
    assert part is not None
    assert 0 < len(part.data) < len(whole.data)
    at = types.DocumentHighlightParams(document, place(PLAN, "topic =="))
    assert len(clean.do(clean.client.text_document_document_highlight_async(at)) or ()) == 3


def test_formatting_changes_only_the_lines_that_need_it(clean: Editor) -> None:
    text = PLAN.replace("return answer", "return    answer")
    clean.change("x.plan", text)
    options = types.FormattingOptions(2, insert_spaces=True)
    params = types.DocumentFormattingParams(clean.document("x.plan"), options)
    edits = clean.do(clean.client.text_document_formatting_async(params))
    assert edits
    made = apply(text, list(edits))
    assert "return answer" in made
    assert all(edit.range.end.line - edit.range.start.line < 12 for edit in edits)


def test_a_torn_file_is_not_formatted_and_says_so(clean: Editor) -> None:
    clean.change("x.plan", PLAN.replace("return answer", "return answer }"))
    params = types.DocumentFormattingParams(clean.document("x.plan"), types.FormattingOptions(2, insert_spaces=True))
    with pytest.raises(JsonRpcException, match="syntax errors"):
        clean.do(clean.client.text_document_formatting_async(params))


def cures(editor: Editor, at: types.Range, *only: types.CodeActionKind) -> list[types.CodeAction]:
    context = types.CodeActionContext([], only=list(only) or None)
    params = types.CodeActionParams(editor.document("x.plan"), at, context)
    found = editor.do(editor.client.text_document_code_action_async(params))
    return [each for each in found or () if isinstance(each, types.CodeAction)]


def test_cures_of_one_finding_and_of_all(clean: Editor) -> None:
    text = PLAN.replace("part.text", "part.txt").replace("return answer", "return anwser")
    clean.change("x.plan", text)
    at = types.Range(place(text, "txt"), place(text, "txt"))
    assert [each.title for each in cures(clean, at)] == ["`txt` → `text`"]
    (everything,) = cures(clean, at, types.CodeActionKind.SourceFixAll)
    assert everything.edit is not None
    assert everything.edit.changes is not None
    assert apply(text, list(everything.edit.changes[clean.uri("x.plan")])) == PLAN


def test_signature(clean: Editor) -> None:
    text = PLAN.replace('ask(question: "?")', "ask(")
    clean.type("x.plan", text)
    at = types.SignatureHelpParams(clean.document("x.plan"), place(text, "ask(\n", inside=4))
    found = clean.do(clean.client.text_document_signature_help_async(at))
    assert found is not None
    assert found.signatures[0].label == "ask(question: text)"


def test_a_file_that_is_not_open_has_no_answers(clean: Editor) -> None:
    at = types.HoverParams(types.TextDocumentIdentifier("file:///nowhere.plan"), types.Position(3, 3))
    assert clean.do(clean.client.text_document_hover_async(at)) is None


@pytest.mark.parametrize("units", ["utf-8", "utf-16"])
def test_characters_of_every_width(tmp_path: Path, units: str) -> None:
    text = 'fragment 句(步骤: text, 🙂: int) = "🙂🙂 {{ 步骤 }} é {{ 步聚 }}"\n'.replace("🙂: int", "größe: int")
    made = Editor(tmp_path, [types.PositionEncodingKind(units)])
    found = made.open("x.plan", text)
    wrong = next(each for each in found.diagnostics if each.code == "E0101")
    assert wrong.range.start == place(text, "步聚", units)
    at = types.DefinitionParams(made.document("x.plan"), place(text, "步骤 }}", units))
    where = made.do(made.client.text_document_definition_async(at))
    assert isinstance(where, types.Location)
    assert where.range.start == place(text, "步骤", units)
    assert made.capabilities.position_encoding == units
    assert made.stop() == 0


def test_without_its_packages_the_command_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "pygls").mkdir()
    (tmp_path / "pygls" / "__init__.py").write_text("raise ModuleNotFoundError(name='pygls')", encoding="utf-8")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from msrun.cli import main; sys.exit(main(['lsp']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert 'pip install "msrun[editor]"' in done.stderr
    assert "Traceback" not in done.stderr
