"""The catalogue: its own entries are complete, models are found by id, and a file that is none says where."""

import pytest

from msrun.dsl.cost.catalogue import Catalogue, CatalogueError, Entry, Price, catalogue, read, standard
from msrun.dsl.plan import ModelSpec


def model(backend: str, id_: str, **settings: object) -> ModelSpec:
    return ModelSpec(name="m", backend=backend, args=(id_,), settings=tuple(settings.items()))  # type: ignore[arg-type]


def test_every_entry_has_a_source_and_a_date() -> None:
    assert len(standard().entries) > 20
    for entry in standard().entries:
        assert entry.source.startswith("https://")
        assert entry.date >= "2025"
        assert (entry.price_in is None) == (entry.price_out is None)
        assert entry.output is None or entry.context is None or entry.output <= entry.context


def test_models_are_found_by_id_snapshot_and_family() -> None:
    known = standard()
    assert known.of(model("openai", "gpt-5-mini")).context == 400_000
    assert known.of(model("openai", "gpt-5-mini-2025-08-07")).price_out == 2
    assert known.of(model("ollama", "llama3.1:70b")).context == 131_072
    assert known.of(model("openai", "gpt-9")).context is None


def test_another_server_is_another_model() -> None:
    far = model("openai", "gpt-5-mini", base_url="https://gpu.lan/v1")
    assert standard().of(far).context is None
    assert standard().price(far) is None


def test_prices() -> None:
    known = standard()
    assert known.price(model("openai", "gpt-5-mini")) == Price(0.25, 2)
    assert known.price(model("openai", "gpt-5-mini", price_in=1.0)) == Price(1, 2)
    assert known.price(model("openai", "mine", base_url="http://127.0.0.1:8080/v1")) == Price(0, 0)
    assert known.price(model("ollama", "qwen3:8b")) == Price(0, 0)
    assert known.price(model("ollama", "qwen3:8b", base_url="https://gpu.lan/v1")) is None
    assert known.price(model("elsewhere", "x")) is None


def test_settings_of_the_model_win_over_entries_and_later_entries_over_earlier_ones() -> None:
    own = Catalogue((Entry(backend="openai", id="gpt-5-*", context=1),)).over(standard())
    assert own.of(model("openai", "gpt-5-mini")).context == 1
    assert own.of(model("openai", "gpt-5-mini", context=7)).context == 7


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "no JSON"),
        ("[]", "it must be"),
        ('{"models": 3}', "it must be"),
        ('{"models": [3]}', "models[0] is no record"),
        ('{"models": [{"id": "x"}]}', "needs `backend` and `id`"),
        ('{"models": [{"backend": "openai", "id": "x", "prise": 3}]}', "`prise` is not known"),
        ('{"models": [{"backend": "openai", "id": "x", "price_in": "3"}]}', "`price_in` must be a number"),
        ('{"models": [{"backend": "openai", "id": "x", "price_in": -3}]}', "`price_in` must be a number"),
        ('{"models": [{"backend": "openai", "id": "x", "context": 1.5}]}', "`context` must be a whole number"),
        ('{"models": [{"backend": "openai", "id": "x", "vision": 1}]}', "`vision` must be true or false"),
        ('{"models": [{"backend": "openai", "id": 1}]}', "`id` must be a text"),
        ('{"models": [{"backend": "openai", "id": "x", "refuses": "stop"}]}', "`refuses` must be a list of texts"),
    ],
)
def test_what_is_no_catalogue(text: str, said: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        read(text)
    assert said in str(caught.value)


def test_a_catalogue_of_plain_values() -> None:
    made = catalogue({"models": [{"backend": "b", "id": "x", "price_in": 1, "refuses": ["stop"]}]})
    assert made.entries == (Entry(backend="b", id="x", price_in=1, refuses=("stop",)),)
