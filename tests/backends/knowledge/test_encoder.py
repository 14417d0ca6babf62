"""Sentence vectors: the pooling that the model names, whatever stands beside a text in a batch."""

import importlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from msrun.backends.knowledge.encoder import Encoder
from msrun.backends.knowledge.vectors import Exact, Graph, cached
from msrun.backends.port import BackendFault, Surroundings
from msrun.dsl.plan import Made, Name

TEXTS = ["Goods may be returned.", "Parcels leave soon", "七天退货", "x" * 300]


def encoder(folder: Path, **named: str | Name) -> Encoder:
    return Encoder(Made("sentence", (str(folder),), tuple(named.items())), "rules", Surroundings())


def states(folder: Path, text: str) -> Any:
    transformers: Any = importlib.import_module("transformers")  # it tells no types
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder)
    with torch.inference_mode():
        return model.eval()(**tokenizer(text, return_tensors="pt", return_token_type_ids=False)).last_hidden_state[0]


def test_a_vector_is_the_mean_of_the_tokens_of_its_text_alone(encoder_folder: Path) -> None:
    vectors = encoder(encoder_folder).passages(TEXTS)
    assert vectors.shape == (4, 32)
    assert vectors.dtype == np.dtype("float32")
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for at in range(3):
        mean = states(encoder_folder, TEXTS[at]).mean(0)
        np.testing.assert_allclose(vectors[at], (mean / mean.norm()).numpy(), atol=1e-5)


def test_the_model_s_own_settings_choose_the_pooling_and_the_plan_may_choose_another(pooled: Path) -> None:
    first = states(pooled, TEXTS[0])[0]
    np.testing.assert_allclose(encoder(pooled).passages(TEXTS[:1])[0], (first / first.norm()).numpy(), atol=1e-5)
    mean = states(pooled, TEXTS[0]).mean(0)
    chosen = encoder(pooled, pooling=Name("mean")).passages(TEXTS[:1])[0]
    np.testing.assert_allclose(chosen, (mean / mean.norm()).numpy(), atol=1e-5)


def test_what_the_encoder_wants_stands_before_questions_and_passages(encoder_folder: Path) -> None:
    plain, dressed = encoder(encoder_folder), encoder(encoder_folder, query="q ", passage="p ")
    np.testing.assert_array_equal(dressed.query("a"), plain.query("q a"))
    np.testing.assert_array_equal(dressed.passages(["a"]), plain.passages(["p a"]))
    assert plain.identity() != dressed.identity()


def test_a_text_cannot_speak_the_encoder_s_special_tokens(encoder_folder: Path) -> None:
    said, split = encoder(encoder_folder).passages(["a[SEP]b", "a[UNK]b"])
    assert not np.allclose(said, split)  # six characters each, none of them a token of the model


@pytest.mark.parametrize("gone", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_folder_that_lacks_something_is_said(encoder_folder: Path, tmp_path: Path, gone: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(encoder_folder, folder)
    (folder / gone).unlink()
    with pytest.raises(BackendFault) as fault:
        encoder(folder)
    assert fault.value.kind == "missing"


def test_a_model_of_the_hub_says_what_lets_it_be_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(BackendFault) as fault:
        encoder(Path("nobody/nothing-of-this-name"))
    assert fault.value.help == "--allow hub:nobody/nothing-of-this-name lets it be downloaded"


def test_weights_that_are_damaged_are_said_without_a_traceback(encoder_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(encoder_folder, folder)
    (folder / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(BackendFault, match="cannot be loaded"):
        encoder(folder).query("a")


def test_a_graph_finds_what_comparing_all_finds() -> None:
    made = np.random.default_rng(3).normal(size=(300, 16)).astype(np.float32)
    vectors = made / np.linalg.norm(made, axis=1, keepdims=True)
    exact, graph = Exact(vectors), Graph(vectors)
    for at in range(20):
        assert [n for n, _ in graph.search(vectors[at : at + 1], 1)] == [at]
        found, wanted = ({n for n, _ in index.search(vectors[at : at + 1], 5)} for index in (graph, exact))
        assert len(found & wanted) >= 4
    assert Graph(vectors).search(vectors[:1], 5) == graph.search(vectors[:1], 5)


def test_vectors_are_kept_and_made_anew_where_the_file_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "k.npy"
    made: list[int] = []

    def make() -> Any:
        made.append(1)
        return np.eye(3, dtype=np.float32)

    for content in (None, None, b"", b"\x93NUMPY broken", b"x" * 400):
        if content is not None:
            path.write_bytes(content)
        np.testing.assert_array_equal(cached(path, 3, make), np.eye(3))
    assert len(made) == 4
    assert path.stat().st_mode & 0o077 == 0
    cached(path, 4, make)
    assert len(made) == 5
    np.save(path, np.full((3, 3), np.nan, dtype=np.float32))
    assert np.isfinite(cached(path, 3, make)).all()


def test_a_cache_holds_no_pickles(tmp_path: Path) -> None:
    path = tmp_path / "k.npy"
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert cached(path, 3, lambda: np.eye(3, dtype=np.float32)).shape == (3, 3)


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert len(cached(tmp_path / "file" / "k.npy", 3, lambda: np.eye(3, dtype=np.float32))) == 3
