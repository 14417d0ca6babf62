"""The tokenizer of characters and pieces: lossless, unknown characters marked, one chat format."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# transformers leaves parts of its tokenizers and models untyped

from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

from msrun.trainers.chars import CharsSpec, build_chars

SPEC = CharsSpec(pieces=('[{"left":"', '","id":"', "s1", "s12", "plan: "), min_count=1)
TEXTS = ["plan: 12 + 7?", "(12加7)乘3等于多少？", '[{"left":"s12*3","id":"s1"']


def test_the_longest_piece_wins_and_stays_whole() -> None:
    tokenizer = build_chars(TEXTS, SPEC)
    assert tokenizer.tokenize('[{"left":"s12*s1') == ['[{"left":"', "s12", "*", "s1"]


def test_a_rare_character_is_unknown() -> None:
    tokenizer = build_chars(["aab"], CharsSpec(min_count=2))
    assert tokenizer.tokenize("ab猫") == ["a", "[UNK]", "[UNK]"]


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=sorted(set("".join(TEXTS))), max_size=40))
def test_decoding_gives_the_text_back(text: str) -> None:
    tokenizer = build_chars(TEXTS, SPEC)
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_a_saved_tokenizer_reads_the_first_message_and_no_other(tmp_path: Path) -> None:
    build_chars(TEXTS, SPEC).save_pretrained(tmp_path)
    tokenizer: Any = AutoTokenizer.from_pretrained(tmp_path)
    messages = [
        {"role": "user", "content": "plan: (12加7)"},
        {"role": "assistant", "content": "7"},
        {"role": "user", "content": "12"},
    ]
    assert tokenizer.apply_chat_template(messages, tokenize=False) == "plan: (12加7)[SEP]"
    ids = tokenizer.apply_chat_template(messages, return_dict=True)["input_ids"]
    assert tokenizer.convert_ids_to_tokens(ids) == ["plan: ", "(", "1", "2", "加", "7", ")", "[SEP]"]
    assert {path.suffix for path in tmp_path.iterdir()} <= {".json", ".jinja"}
