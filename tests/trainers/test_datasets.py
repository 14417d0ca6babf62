"""Rows from files and generators: what is read, what is refused and in which words."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from msrun.dsl.plan import Made, Name, Node, NodeId, Rule, Stage, Value, ValueMap
from msrun.dsl.shapes import EnumDef, Opaque
from msrun.dsl.tree import Get
from msrun.trainers.datasets import Dataset, fingerprint, read_dataset, read_part, write_parts
from msrun.trainers.port import StageProgress, TrainingFault
from msrun.trainers.rows import Row

TOPIC = EnumDef("Topic", (("sport", ""), ("science", "")))


def dot(name: str) -> Rule:
    return Rule(Get(None, name))


def dataset(value: Made, **settings: Value) -> Dataset:
    action, shape = Stage(value=value, settings=tuple(settings.items())), Opaque("dataset")
    node = Node(id=NodeId("x"), kind="dataset", action=action, shape=shape, value_shape=shape, reads=())
    return read_dataset(node, {"Topic": TOPIC})


def jsonl(**settings: Value) -> Dataset:
    return dataset(Made("jsonl", ("rows.jsonl",)), **settings)


def written(job: Dataset, root: Path, part: str = "rows") -> list[Row]:
    into = root / "made"
    into.mkdir(exist_ok=True)
    write_parts(job, root, into, lambda _: None)
    return list(read_part(into, part))


def put(root: Path, *rows: object) -> None:
    (root / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_jsonl_rows_keep_their_columns_and_get_their_roles(tmp_path: Path) -> None:
    put(tmp_path, {"q": "a?", "a": "b", "n": [1, None]}, {"q": "c?", "a": "d", "n": 2})
    assert written(jsonl(input=dot("q"), output=dot("a")), tmp_path) == [
        {"q": "a?", "a": "b", "n": [1, None], "input": "a?", "output": "b"},
        {"q": "c?", "a": "d", "n": 2, "input": "c?", "output": "d"},
    ]


def test_csv_with_quotes_line_breaks_and_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes('\ufeffid,text\r\n1,"a, ""b""\r\nc"\r\n\r\n2,é\r\n'.encode())
    rows = written(dataset(Made("csv", ("rows.csv",))), tmp_path)
    assert rows == [{"id": "1", "text": 'a, "b"\r\nc'}, {"id": "2", "text": "é"}]


def test_text_gives_a_row_a_line_without_blank_ones(tmp_path: Path) -> None:
    (tmp_path / "rows.txt").write_text("one\n\n  two \r\n", encoding="utf-8")
    assert written(dataset(Made("text", ("rows.txt",))), tmp_path) == [{"text": "one"}, {"text": "two"}]


def test_a_missing_column_names_row_line_and_the_columns_there_are(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"q": "a", "w": 1}\n\n{"w": 2, "v": 3}\n', encoding="utf-8")
    with pytest.raises(TrainingFault) as caught:
        written(jsonl(input=dot("q")), tmp_path)
    assert caught.value.message == 'row 2 of rows.jsonl (line 3) has no column "q"'
    assert caught.value.help == "columns: w, v"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"{oops", "line 2: not JSON"),
        (b"[1]", "line 2: list, not an object"),
        (b'{"a": NaN}', "NaN is no JSON value"),
        (b'{"a": 1, "a": 2}', "a key stands twice"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"a": "\xff"}', "not UTF-8"),
    ],
)
def test_a_line_that_is_no_row(tmp_path: Path, line: bytes, words: str) -> None:
    (tmp_path / "rows.jsonl").write_bytes(b'{"a": 1}\n' + line + b"\n")
    with pytest.raises(TrainingFault, match=words) as caught:
        written(jsonl(), tmp_path)
    assert caught.value.kind == "data"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("a,a\n1,2\n", '"a" stands twice'),
        ("a,b\n1,2\n1\n", "line 3: 1 cells where the header has 2 columns"),
    ],
)
def test_a_csv_file_that_is_no_table(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "rows.csv").write_text(text, encoding="utf-8")
    with pytest.raises(TrainingFault, match=words):
        written(dataset(Made("csv", ("rows.csv",))), tmp_path)


@pytest.mark.parametrize("path", ["../rows.jsonl", "/etc/passwd", "a/../../b", "a\\b", "c:rows", " ", "a\0b"])
def test_paths_out_of_the_folder_are_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(TrainingFault) as caught:
        written(dataset(Made("jsonl", (path,))), tmp_path)
    assert caught.value.kind == "path"


def test_a_link_out_of_the_folder_is_refused_and_one_inside_is_followed(tmp_path: Path) -> None:
    root = tmp_path / "plans"
    root.mkdir()
    put(tmp_path, {"a": "outside"})
    (root / "rows.jsonl").symlink_to(tmp_path / "rows.jsonl")
    with pytest.raises(TrainingFault, match="a link in it leads out of the plan's folder"):
        written(jsonl(), root)
    (root / "rows.jsonl").unlink()
    (root / "real.jsonl").write_text('{"a": "inside"}\n', encoding="utf-8")
    (root / "rows.jsonl").symlink_to("real.jsonl")
    assert written(jsonl(), root) == [{"a": "inside"}]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TrainingFault, match=r'there is no file "rows\.jsonl"'):
        written(jsonl(), tmp_path)


SPLIT = ValueMap((("train", 0.8), ("dev", 0.1), ("test", 0.1), ("by", Made("hash", (dot("id"),)))))


def test_a_split_never_moves_a_row_when_the_data_grow(tmp_path: Path) -> None:
    def parts(count: int) -> dict[int, str]:
        put(tmp_path, *({"id": number * 7 % count, "w": count} for number in range(count)))
        written(jsonl(split=SPLIT), tmp_path, "test")
        return {row["id"]: part for part in ("train", "dev", "test") for row in read_part(tmp_path / "made", part)}

    small, large = parts(300), parts(2000)
    assert len(small) == 300
    assert all(large[id_] == part for id_, part in small.items())
    shares = [list(large.values()).count(part) / 2000 for part in ("train", "dev", "test")]
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.03)


def test_dedup_and_limit(tmp_path: Path) -> None:
    rows = [{"a": 1, "b": 1}, {"a": 1, "b": 2}, {"b": 1, "a": 1}, {"a": 2, "b": 3}, {"a": 3, "b": 4}]
    put(tmp_path, *rows)
    assert [row["b"] for row in written(jsonl(dedup=Name("exact")), tmp_path)] == [1, 2, 3, 4]
    assert [row["b"] for row in written(jsonl(dedup=Made("exact", (dot("a"),))), tmp_path)] == [1, 3, 4]
    assert [row["b"] for row in written(jsonl(dedup=Made("exact", (dot("a"),)), limit=2), tmp_path)] == [1, 3]


def test_a_label_outside_its_enum(tmp_path: Path) -> None:
    put(tmp_path, {"text": "x", "topic": "sport"}, {"text": "y", "topic": "sience"})
    with pytest.raises(
        TrainingFault, match=r'row 2 of rows\.jsonl \(line 2\) has the unknown label "sience"'
    ) as caught:
        written(jsonl(label=dot("topic"), labels=Name("Topic")), tmp_path)
    assert caught.value.help == "did you mean `science`?"


def test_a_part_without_rows(tmp_path: Path) -> None:
    put(tmp_path, {"id": 1})
    with pytest.raises(TrainingFault, match=r"no row of rows\.jsonl fell into"):
        written(jsonl(split=SPLIT), tmp_path)


def generated(root: Path, body: str, **named: Value) -> list[Row]:
    (root / "gen.py").write_text(body, encoding="utf-8")
    return written(dataset(Made("python", ("gen:rows",), tuple(named.items()))), root)


def test_a_generator_sees_its_arguments_and_the_modules_beside_it(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("WORD = 'b'\n", encoding="utf-8")
    body = "def rows(n, words):\n    import beside\n    return [{'t': (w, beside.WORD)} for w in words] * n\n"
    assert generated(tmp_path, body, n=2, words=("x", "y")) == [{"t": ["x", "b"]}, {"t": ["y", "b"]}] * 2


def test_modules_of_two_folders_do_not_meet(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "beside.py").write_text(f"WORD = '{name}'\n", encoding="utf-8")
        body = "import beside\ndef rows():\n    yield {'t': beside.WORD}\n"
        assert generated(tmp_path / name, body) == [{"t": name}]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("def rows():\n    yield {}\n    1 / 0\n", r"gen:rows failed in line 3: ZeroDivisionError"),
        ("def rows(n):\n    yield {}\n", "TypeError"),
        ("def other():\n    pass\n", "has no function `rows`"),
        ("def rows():\n    return {'a': 1}\n", "gave dict, not a list of rows"),
        ("def rows():\n    yield [1]\n", "row 1 of gen:rows is list, not a dict"),
        ("def rows():\n    yield {'a': {1}}\n", "row 1 of gen:rows is no JSON"),
        ("def rows():\n    yield {'a': float('nan')}\n", "is no JSON"),
        ("def rows():\n    return []\n", "is empty"),
        ("def rows(:\n", "SyntaxError"),
        ("import nowhere_to_be_found\n", "ModuleNotFoundError"),
    ],
)
def test_a_generator_that_fails(tmp_path: Path, body: str, words: str) -> None:
    with pytest.raises(TrainingFault, match=words):
        generated(tmp_path, body)


def test_progress_is_told_while_rows_are_read(tmp_path: Path) -> None:
    put(tmp_path, *({"n": number} for number in range(20_001)))
    heard: list[StageProgress] = []
    (tmp_path / "made").mkdir()
    write_parts(jsonl(), tmp_path, tmp_path / "made", heard.append)
    assert [event.step for event in heard] == [10_000, 20_000]


def test_the_fingerprint_follows_bytes_and_imports_and_nothing_else(tmp_path: Path) -> None:
    job = dataset(Made("python", ("gen:rows",)))
    (tmp_path / "gen.py").write_text(
        "def rows():\n    from beside import WORD\n    yield {'a': WORD}\n", encoding="utf-8"
    )
    (tmp_path / "beside.py").write_text("WORD = 1\n", encoding="utf-8")
    first = fingerprint(job, tmp_path)
    (tmp_path / "stranger.py").write_text("x = 1\n", encoding="utf-8")
    assert fingerprint(job, tmp_path) == first
    (tmp_path / "beside.py").write_text("WORD = 2\n", encoding="utf-8")
    assert fingerprint(job, tmp_path) != first


Change = Callable[[], Dataset]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: dataset(Made("json", ("a",))), "cannot be read with `json`"),
        (lambda: dataset(Made("jsonl")), r"jsonl\(…\) takes one text"),
        (lambda: dataset(Made("csv", ("a",), (("sep", ";"),))), "takes no `sep`"),
        (lambda: dataset(Made("python", ("gen",))), '"gen" names no function'),
        (lambda: dataset(Made("python", ("../gen:rows",))), "is no module name"),
        (lambda: jsonl(inputs=dot("q")), "no setting is called `inputs`"),
        (lambda: jsonl(input=Name("q")), "`input` must name a column, not q"),
        (lambda: jsonl(limit=0), "`limit` must be at least 1, not 0"),
        (lambda: jsonl(limit=1.5), "`limit` must be a whole number"),
        (lambda: jsonl(split=Name("train")), "`split` must be a record of parts"),
        (lambda: jsonl(split=ValueMap((("a", 0.5), ("b", 0.4)))), "add up to 90%, not 100%"),
        (lambda: jsonl(split=ValueMap((("a", 1.5), ("b", -0.5)))), "must be a share above 0%, not 1.5"),
        (lambda: jsonl(split=ValueMap((("a", 1.0), ("by", Name("id"))))), r"must be hash\(\.column\), not id"),
        (lambda: jsonl(dedup=Name("fuzzy")), "`dedup` must be exact"),
        (lambda: jsonl(labels=Name("Topic")), "no column holds them"),
        (lambda: jsonl(label=dot("t"), labels=Name("Other")), "`labels` must name an enum"),
    ],
)
def test_settings_that_cannot_be(tmp_path: Path, make: Change, words: str) -> None:
    with pytest.raises(TrainingFault, match=words):
        fingerprint(make(), tmp_path)
