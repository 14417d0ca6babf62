from pathlib import Path

import pytest

from msrun.config import Config, read_config
from msrun.errors import ConfigInvalid


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert read_config(tmp_path) == Config(allow=(), seed=0, width=64)


def test_what_the_operator_decided(tmp_path: Path) -> None:
    (tmp_path / "msrun.toml").write_text('allow = ["tool:web", "tool:x*"]\nseed = 7\nwidth = 8\n', encoding="utf-8")
    assert read_config(tmp_path) == Config(allow=("tool:web", "tool:x*"), seed=7, width=8)


@pytest.mark.parametrize(
    ("text", "message", "help_line"),
    [
        ("allow = 'tool:web'", "msrun.toml: `allow` cannot be 'tool:web'", 'allow = ["tool:web"]'),
        ("allow = [1]", "msrun.toml: `allow` cannot be [1]", 'allow = ["tool:web"]'),
        ("seed = true", "msrun.toml: `seed` cannot be True", "seed = 7"),
        ("width = 0", "msrun.toml: `width` cannot be 0", "width = 64"),
        ("alow = []", "msrun.toml: there is no setting `alow`", "did you mean `allow`?"),
        ("colour = 1", "msrun.toml: there is no setting `colour`", "there are: allow, seed, width, prices"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, message: str, help_line: str) -> None:
    (tmp_path / "msrun.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigInvalid) as caught:
        read_config(tmp_path)
    assert (caught.value.message, caught.value.help) == (message, help_line)


@pytest.mark.parametrize("data", [b"allow = [", b"\xff\xfe"])
def test_what_is_no_toml_is_one_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "msrun.toml").write_bytes(data)
    with pytest.raises(ConfigInvalid, match=r"^msrun\.toml: "):
        read_config(tmp_path)
