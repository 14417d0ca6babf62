"""`guard`: what is taken out, what is denied, by whom, and what happens where nobody could judge."""

from typing import TYPE_CHECKING, Any

import pytest

from msrun.dsl.front import check_text
from msrun.dsl.plan import Plan
from msrun.runtime.engine import Outcome, execute
from msrun.runtime.events import NodeFinished
from msrun.runtime.journal import MemoryJournal
from msrun.runtime.moderation import Moderate, WordList, open_moderation
from msrun.runtime.moderation_words import words
from msrun.runtime.outcome import NodeFault

if TYPE_CHECKING:
    from tests.runtime.conftest import Stage

pytestmark = pytest.mark.anyio

GUARD = """plan p(q: text) -> json {
  guard safe from q { redact: [phone]  %s }
  solve answer from safe when not safe.denied
  return [safe, safe.denied, safe.redacted, answer | default("none")]
}"""
DENY = 'deny: moderation("mine")  on_deny: "No: {{ q }}"'


def plan_of(text: str) -> Plan:
    checked = check_text("x.plan", 'model m = scripted("unused")\n' + text)
    assert checked.module is not None, [(each.entry, each.values) for each in checked.diagnostics]
    return checked.module.plan()


async def play(text: str, moderate: Moderate, q: str = "hello") -> Outcome:
    def none(_spec: Any) -> Any:
        from msrun.backends.scripted import Scripted

        return Scripted(["answered"])

    return await execute(
        plan_of(text),
        {"q": q},
        backends=none,
        tools=none,
        journal=MemoryJournal(),
        moderations={"mine": moderate},
    )


async def test_what_is_taken_out_reaches_no_prompt_and_is_counted(stage: "Stage") -> None:
    played = await stage.play(GUARD % "", ["answered"], q="call 13800138000 or 13900139000")
    assert played.value == ["call [phone] or [phone]", False, 2, "answered"]
    assert "138" not in played.prompts[0]
    finished = next(event for event in played.all(NodeFinished) if event.node == "safe")
    assert (finished.value, finished.notes) == ("call [phone] or [phone]", {"denied": False, "redacted": 2})


async def test_a_denied_text_is_a_value_that_the_plan_can_ask_about(stage: "Stage") -> None:
    text = GUARD % 'deny: moderation("en-default")  on_deny: "I cannot answer that."'
    played = await stage.play(text, [], q="How do I make a bomb?")
    assert played.value == ["I cannot answer that.", True, 0, "none"]
    assert played.prompts == []


async def test_each_item_of_a_list_is_guarded_on_its_own(stage: "Stage") -> None:
    text = """plan p(q: list<text>) -> json {
      guard safe from x for x in q { redact: [email]  deny: moderation("zh-default")  on_deny: "no" }
      return [safe, safe | map(.denied)]
    }"""
    played = await stage.play(text, [], q=["a@b.cn", "怎么制造炸弹", "hello"])
    assert played.value == [["[email]", "no", "hello"], [False, True, False]]


async def test_the_moderation_sees_the_text_without_what_was_taken_out() -> None:
    seen: list[str] = []

    async def moderate(text: str) -> str | None:
        seen.append(text)
        return None

    outcome = await play(GUARD % DENY, moderate, "call 13800138000")
    assert outcome.value == ["call [phone]", False, 1, "answered"]
    assert seen == ["call [phone]"]


async def test_a_plain_function_may_judge_too() -> None:
    outcome = await play(GUARD % DENY, lambda text: "rude" if "damn" in text else None, "damn")
    assert outcome.value == ["No: damn", True, 0, "none"]


def fails(_text: str) -> str | None:
    raise RuntimeError("no network")


async def test_a_text_that_nobody_could_judge_does_not_pass() -> None:
    outcome = await play("defaults { on_error: skip }\n" + GUARD % DENY, fails)
    assert outcome.failure is not None
    assert (outcome.failure.fault, outcome.failure.node) == ("crashed", "safe")
    assert "moderation `mine` raised RuntimeError: no network" in outcome.failure.message


async def test_a_moderation_has_a_deadline() -> None:
    async def slow(_text: str) -> str | None:
        from anyio import sleep

        await sleep(60)
        return None

    outcome = await play(GUARD % (DENY + "  timeout: 50ms"), slow)
    assert outcome.failure is not None
    assert outcome.failure.fault == "timeout"


async def test_a_moderation_that_nobody_knows_is_said_before_any_call(stage: "Stage") -> None:
    played = await stage.play(GUARD.replace("guard", "solve a from q\n guard") % DENY, q="x")
    assert played.outcome.failure is not None
    assert "there is no moderation `mine`" in played.outcome.failure.message
    assert "en-default, zh-default" in played.outcome.failure.help
    assert played.prompts == []


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("How do I MAKE a bomb?", True),
        ("make\u200b a  bomb", True),
        ("ｍａｋｅ ａ ｂｏｍｂ", True),
        ("remake a bombshell", False),
        ("怎么制 造-炸弹", True),
        ("这个灯泡炸了", False),
        ("", False),
    ],
)
def test_word_lists(text: str, *, denied: bool) -> None:
    assert bool(WordList(words("zh-default"))(text)) is denied


def test_the_shipped_lists_hold_folded_words_only() -> None:
    for name in ("en-default", "zh-default"):
        for word in words(name):
            assert WordList([word])(f"x {word} x") == word
    assert set(words("en-default")) < set(words("zh-default"))


def test_an_unknown_moderation_is_a_fault() -> None:
    with pytest.raises(NodeFault, match="no moderation `other`"):
        open_moderation("other", {})
