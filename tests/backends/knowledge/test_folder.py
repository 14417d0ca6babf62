"""A folder that is searched: which files, what is found in them, when it is the same again, and what is refused."""

from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from msrun.backends.knowledge.documents import documents
from msrun.backends.knowledge.encoder import Encoder
from msrun.backends.knowledge.folder import build, cache_folder, open_folder
from msrun.backends.port import BackendFault, Surroundings
from msrun.dsl.check.reach import MOST_BYTES
from msrun.dsl.plan import KnowledgeSpec, Made, Name, Value

pytestmark = pytest.mark.anyio


def spec(files: str = "docs/**/*.md", **settings: Value) -> KnowledgeSpec:
    return KnowledgeSpec(name="rules", files=files, settings=tuple(settings.items()))


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_words_find_the_passage_in_either_language(root: Path, tmp_path: Path) -> None:
    knowledge = await open_folder(spec(chunk=60), Surroundings(root=str(root)), tmp_path)
    (first, *_) = await knowledge.search("When is a parcel sent?", top=2, min_score=0.0)
    assert first.source == "docs/post.md"
    assert "sent again" in first.text
    assert 0 < first.score < 1
    (first, *_) = await knowledge.search("耳机能退货吗", top=1, min_score=0.0)
    assert first.source == "docs/zh/退货.md"
    assert await knowledge.search("耳机能退货吗", top=5, min_score=0.99) == []
    assert len(await knowledge.search("within days", top=1, min_score=0.0)) == 1


@pytest.mark.parametrize("index", ["exact", "hnsw"])
async def test_vectors_find_a_passage_by_itself(root: Path, encoder_folder: Path, tmp_path: Path, index: str) -> None:
    made = Made("sentence", (str(encoder_folder),))
    knowledge = await open_folder(
        spec(chunk=60, embed=made, index=Name(index)), Surroundings(root=str(root)), tmp_path / "cache"
    )
    text = "Goods may be returned within seven days."
    found = await knowledge.search(text, top=3, min_score=0.0)
    assert found == sorted(found, key=lambda each: -each.score)
    whole = "# Post\n\nParcels leave within two days."
    (first, *_) = await knowledge.search(whole, top=3, min_score=0.0)
    assert (first.text, first.source) == (whole, "docs/post.md")
    assert first.score == pytest.approx(1, abs=1e-5)
    assert [each.score for each in await knowledge.search(whole, top=3, min_score=0.9999)] == [first.score]


async def test_vectors_are_made_once_for_the_same_files(
    root: Path, encoder_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    real = Encoder.passages

    def passages(self: Encoder, texts: list[str]) -> object:
        asked.append(len(texts))
        return real(self, texts)

    monkeypatch.setattr(Encoder, "passages", passages)
    made, around = Made("sentence", (str(encoder_folder),)), Surroundings(root=str(root))
    first = build(spec(embed=made), around, tmp_path)
    assert build(spec(embed=made), around, tmp_path).key == first.key
    assert len(asked) == 1
    (root / "docs" / "post.md").write_text("Parcels fly.", encoding="utf-8")
    assert build(spec(embed=made), around, tmp_path).key != first.key
    assert build(spec(embed=made, chunk=50), around, tmp_path).key != first.key
    assert len(asked) == 3


def test_documents_are_texts_below_the_folder(root: Path, tmp_path: Path) -> None:
    (root / "docs" / "bom.md").write_bytes(b"\xef\xbb\xbfone\r\ntwo\r")
    (tmp_path / "secret.md").write_text("secret", encoding="utf-8")
    (root / "docs" / "link.md").symlink_to(tmp_path / "secret.md")
    found = {each.source: each.text for each in documents(spec("docs/*.md"), root)}
    assert set(found) == {"docs/bom.md", "docs/post.md", "docs/returns.md"}
    assert found["docs/bom.md"] == "one\ntwo\n"


def _latin(path: Path) -> None:
    path.write_bytes(b"caf\xe9")


def _large(path: Path) -> None:
    path.write_bytes(b"x" * MOST_BYTES)


@pytest.mark.parametrize(
    ("files", "spoil", "words"),
    [
        ("nowhere/*.md", None, "no folder nowhere"),
        ("docs/*.txt", None, "no file matches"),
        ("docs/bad.md", _latin, "no UTF-8"),
        ("docs/bad.md", _large, "longer than"),
        ("docs/bad.md", Path.touch, "hold no text"),
    ],
)
def test_what_cannot_be_searched_is_said(
    root: Path, tmp_path: Path, files: str, spoil: Callable[[Path], None] | None, words: str
) -> None:
    if spoil is not None:
        spoil(root / "docs" / "bad.md")
    with pytest.raises(BackendFault, match=words):
        build(spec(files), Surroundings(root=str(root)), tmp_path)


@pytest.mark.parametrize(
    ("missing", "embed", "extra"),
    [
        ("usearch", Made("sentence", ("x/y",)), 'pip install "msrun[hnsw]"'),
        ("torch", Made("sentence", ("x/y",)), 'pip install "msrun[local]"'),
    ],
)
def test_a_package_that_is_missing_is_named_with_its_extra(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str, embed: Made, extra: str
) -> None:
    from importlib import util

    real = util.find_spec

    def find_spec(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == missing else real(name, package)

    monkeypatch.setattr(util, "find_spec", find_spec)
    with pytest.raises(BackendFault) as fault:
        build(spec(embed=embed, index=Name("hnsw")), Surroundings(root=str(root)), tmp_path)
    assert fault.value.help == extra


def test_vectors_are_kept_in_the_user_s_folder_for_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "msrun" / "knowledge"
