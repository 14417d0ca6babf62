"""Profiles: the same plan with other models and params, and what still overrides them."""

from pathlib import Path

import pytest
from click.testing import CliRunner

import msrun
from msrun.cli.verbs import command
from msrun.dsl.codec import decode, encode
from msrun.dsl.front import check_text
from msrun.errors import OverrideInvalid

PLAN = """
param style: text = "plain"
model small = scripted("from small", cycle: true) { timeout: 9s }
model spare = scripted("from spare", cycle: true)

plan ask(question: text) -> text {
  solve answer from question using small { prompt: "{{ style }}: {{ question }}" }
  solve other from answer using spare
  return "{{ answer }} in {{ style }}, then {{ other }}"
}

profile prod {
  model small = scripted("from prod", cycle: true) { timeout: 3s }
  style: "formal"
}

profile quiet { style: "quiet" }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ask.plan"
    path.write_text(PLAN)
    return path


@pytest.mark.parametrize(
    ("profile", "told"),
    [
        (None, "from small in plain, then from spare"),
        ("prod", "from prod in formal, then from spare"),
        ("quiet", "from small in quiet, then from spare"),
    ],
)
def test_a_profile_replaces_the_models_and_params_it_names(file: Path, profile: str | None, told: str) -> None:
    assert msrun.load(file, profile=profile).run(question="?").value == told


def test_what_follows_from_a_model_follows_from_the_profiles_model() -> None:
    module = check_text("ask.plan", PLAN).module
    assert module is not None
    prod = next(profile for profile in module.profiles if profile.name == "prod")
    assert [plan.node("answer").policy.timeout_s for plan in (module.plan(), prod.plans[0])] == [9, 3]
    assert decode(encode(module)) == module


def test_overrides_by_name_are_stronger_than_the_profile(file: Path) -> None:
    loaded = msrun.load(file, profile="prod", settings={"style": "loud"}, models={"small": "spare"})
    assert loaded.run(question="?").value == "from spare in loud, then from spare"


def test_an_unknown_profile_is_refused_with_the_near_one(file: Path) -> None:
    with pytest.raises(OverrideInvalid, match="no profile `prd`") as caught:
        msrun.load(file, profile="prd")
    assert caught.value.help == "did you mean `prod`?"


def test_a_profile_replaces_a_model_that_an_imported_file_declares(tmp_path: Path) -> None:
    (tmp_path / "models.plan").write_text('model small = scripted("a")\n')
    (tmp_path / "ask.plan").write_text(
        'import small from "models.plan"\nplan ask(question: text) { solve answer from question  return answer }\n'
        'profile prod { model small = scripted("b") }\n'
    )
    assert msrun.load(tmp_path / "ask.plan").run(question="?").value == "a"
    assert msrun.load(tmp_path / "ask.plan", profile="prod").run(question="?").value == "b"


def test_an_import_runs_and_its_param_is_set_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "say.plan").write_text(
        'param tone: text = "dry"\nfragment say(x: text) = "{{ x }} ({{ tone }})"\n'
    )
    (tmp_path / "ask.plan").write_text(
        'import "lib/say.plan" as lib\n'
        'plan ask(tone: text) -> text { let out = "{{ lib.say(x: tone) }}"  return out }\n'
    )
    assert msrun.load(tmp_path / "ask.plan").run(tone="me").value == "me (dry)"
    assert msrun.load(tmp_path / "ask.plan", settings={"say.tone": "wry"}).run(tone="me").value == "me (wry)"


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        (["--profile", "prod"], 0, "from prod in formal"),
        (["--profile", "prod", "--set", "style=loud"], 0, "from prod in loud"),
    ],
)
def test_the_command_line_chooses_a_profile(file: Path, args: list[str], code: int, told: str) -> None:
    done = CliRunner().invoke(command, [str(file), "--question", "?", "--quiet", *args], standalone_mode=False)
    assert done.exception is None
    assert done.return_value == code
    assert told in done.output


def test_an_unknown_profile_on_the_command_line_is_a_usage_error(file: Path) -> None:
    done = CliRunner().invoke(command, [str(file), "--question", "?", "--profile", "prdo"], standalone_mode=False)
    assert isinstance(done.exception, OverrideInvalid)
    assert done.exception.help == "did you mean `prod`?"
