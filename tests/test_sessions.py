"""Turns of a conversation through the front door: what is kept, when, and for whom."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

import msrun
from msrun.backends.knowledge.port import Passage
from msrun.backends.port import Backend, Emit, Reply, Request
from msrun.backends.scripted import Scripted
from msrun.dsl.front import check_text
from msrun.errors import RunFailed, SessionUnusable
from msrun.sessions import default_file
from msrun.testing import run_tests

PLAN = """
model small = ollama("not-there")

type Order { number: text?  item: text?  size: text[..3] = "M" }

session shop { state: Order  topic: text  history: 2  expires: 30min }

plan talk(message: text) -> text within shop {
  extract found: Order from message
  update state = session.state | merge(found)
  update topic = message when session.topic == null
  solve answer from message { prompt: "{{ session.history | dialogue }}|{{ state.item | default("?") }}|{{ message }}" }
  return answer
}

plan plain(session: text) -> text { return session }
"""


class Shop(Backend):
    """Finds what the message says as JSON, answers `re: message`, and remembers its prompts."""

    def __init__(self) -> None:
        self.prompts: list[str] = []

    async def call(self, request: Request, emit: Emit | None = None) -> Reply:
        prompt = request.messages[0].content
        await asyncio.sleep(0)
        if request.node == "found":
            return Reply(text=prompt.rpartition("\n")[2] if prompt.endswith("}") else "{}")
        self.prompts.append(prompt)
        if prompt.endswith("fail"):
            return Reply(text="")
        return Reply(text="re: " + prompt.rpartition("|")[2])

    async def aclose(self) -> None:
        pass


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.plan"
    path.write_text(PLAN, encoding="utf-8")
    return path


def load(file: Path, shop: Shop, **options: object) -> msrun.Loaded:
    return msrun.load(f"{file}:talk", backends={"small": shop}, **options)  # type: ignore[arg-type]


def test_a_turn_knows_what_the_turns_before_it_said_and_kept(file: Path) -> None:
    shop = Shop()
    plan = load(file, shop)
    assert plan.run(session="ana", message='{"item": "lamp"}').value == 're: {"item": "lamp"}'
    plan.run(session="bob", message="hello")
    plan.run(session="ana", message="second")
    plan.run(session="ana", message="third")
    assert shop.prompts == [
        '|lamp|{"item": "lamp"}',
        "|?|hello",
        'User: {"item": "lamp"}\nAssistant: re: {"item": "lamp"}|lamp|second',
        'User: {"item": "lamp"}\nAssistant: re: {"item": "lamp"}\nUser: second\nAssistant: re: second|lamp|third',
    ]
    plan.run(session="ana", message="fourth")
    assert shop.prompts[-1].startswith("User: second")  # the history holds two turns


def test_a_failed_turn_keeps_nothing(file: Path, tmp_path: Path) -> None:
    shop = Shop()
    plan = load(file, shop, sessions=tmp_path / "chat.db")
    plan.run(session="ana", message='{"item": "lamp"}')
    with pytest.raises(RunFailed):
        plan.run(session="ana", message='{"size": "too large"}')
    plan.run(session="ana", message="again")
    assert shop.prompts[-1] == 'User: {"item": "lamp"}\nAssistant: re: {"item": "lamp"}|lamp|again'


def test_turns_of_one_session_wait_for_each_other(file: Path, tmp_path: Path) -> None:
    shop = Shop()
    plan = load(file, shop, sessions=tmp_path / "chat.db")

    async def main() -> None:
        await asyncio.gather(*(plan.arun(session="ana", message=str(at)) for at in range(5)))

    asyncio.run(main())
    assert [prompt.rpartition("|")[2] for prompt in shop.prompts] == ["0", "1", "2", "3", "4"]
    assert shop.prompts[-1].startswith("User: 2\nAssistant: re: 2\nUser: 3")


def test_sessions_in_a_file_outlive_the_plan(file: Path, tmp_path: Path) -> None:
    load(file, Shop(), sessions=tmp_path / "chat.db").run(session="ana", message='{"item": "lamp"}')
    shop = Shop()
    load(file, shop, sessions=str(tmp_path / "chat.db")).run(session="ana", message="still there?")
    assert "|lamp|" in shop.prompts[0]


def test_without_an_id_a_turn_is_the_first_and_the_last(file: Path) -> None:
    shop = Shop()
    plan = load(file, shop)
    plan.run(message="one")
    plan.run(message="two")
    assert shop.prompts == ["|?|one", "|?|two"]


def test_the_history_keeps_what_redact_leaves(file: Path) -> None:
    shop = Shop()

    def redact(text: str) -> str:
        return text.replace("13800138000", "[phone]")

    plan = load(file, shop, redact=redact)
    plan.run(session="ana", message="call 13800138000")
    plan.run(session="ana", message="more")
    assert shop.prompts[-1] == "User: call [phone]\nAssistant: re: call [phone]|?|more"


def test_a_state_that_does_not_fit_the_plan_any_more_is_said(file: Path, tmp_path: Path) -> None:
    load(file, Shop(), sessions=tmp_path / "chat.db").run(session="ana", message='{"number": "17"}')
    file.write_text(PLAN.replace("number: text?", "number: int?"), encoding="utf-8")
    with pytest.raises(SessionUnusable, match=r"state.*not of its type any more"):
        load(file, Shop(), sessions=tmp_path / "chat.db").run(session="ana", message="x")


def test_a_plan_within_no_session_has_an_input_of_that_name_or_none(file: Path, tmp_path: Path) -> None:
    assert msrun.load(f"{file}:plain").run(session="a text").value == "a text"
    other = tmp_path / "other.plan"
    other.write_text('plan p() -> text { return "x" }', encoding="utf-8")
    with pytest.raises(SessionUnusable, match="within no session"):
        msrun.load(other).run(session="ana")


@pytest.mark.parametrize("id_", ["", " ", "a\nb", "x" * 201])
def test_an_id_that_nobody_could_read_again_is_refused(file: Path, id_: str) -> None:
    with pytest.raises(SessionUnusable, match="id"):
        load(file, Shop()).run(session=id_, message="x")


def test_events_are_those_of_a_turn(file: Path) -> None:
    shop = Shop()
    plan = load(file, shop)

    async def main() -> None:
        async for _ in plan.events(session="ana", message="one"):
            pass

    asyncio.run(main())
    plan.run(session="ana", message="two")
    assert shop.prompts[-1] == "User: one\nAssistant: re: one|?|two"


def test_each_plan_file_has_a_file_of_sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    one, two = default_file(tmp_path / "a" / "shop.plan"), default_file(tmp_path / "b" / "shop.plan")
    assert one.parent == two.parent == tmp_path / "state" / "msrun" / "sessions"
    assert one != two
    assert one.name.startswith("shop-")


def test_the_runs_of_a_test_are_turns_of_one_session_and_tests_share_none() -> None:
    test = """
test NAME {
  mock small = replies({item: "lamp"}, "yes", {}, "it is a lamp")
  run first from talk(message: "do you have lamps?")
  run second from talk(message: "what is it?")
  expect second == "it is a lamp"
  expect sent_to(small) | contains("Assistant: yes|lamp|what is it?")
  expect calls(small) == 4
}
"""
    checked = check_text("shop.plan", PLAN + test.replace("NAME", "one") + test.replace("NAME", "two"))
    assert checked.module is not None, checked.diagnostics
    assert [verdict.failures for verdict in run_tests(checked.module)] == [(), ()]


def test_a_model_of_the_memory_is_json(file: Path, tmp_path: Path) -> None:
    scripted = Scripted(['{"item": "灯"}', "好的"])
    msrun.load(f"{file}:talk", backends={"small": scripted}, sessions=tmp_path / "c.db").run(
        session="安娜", message="你好"
    )
    data = (tmp_path / "c.db").read_bytes()
    assert json.dumps({"user": "你好", "answer": "好的"}, ensure_ascii=False).encode() in data


SUPPORT = r'''
model fast = ollama("not-there")
model main = ollama("not-there")

enum 意图 { 退款  查询  其他 }
type 槽位 { 订单号: text?  情绪: "平静" | "生气" = "平静" }
session 客服 { state: 槽位  topic: text  history: 8  expires: 30min }
knowledge 手册 = folder("docs/zh/*.md") { chunk: 60 }

defaults { model: fast }

plan 接待(message: text) -> text within 客服 {
  classify intent: 意图 from message
  extract found: 槽位 from message
  update state = session.state | merge(found)
  choose reply: text on intent {
    case 查询 {
      update topic = "查询"
      solve r from message using main when state.订单号 != null { prompt: "订单 {{ state.订单号 }}：{{ message }}" }
      return r | default("请告诉我订单号")
    }
    case 退款 {
      update topic = "退款"
      retrieve rules from 手册 { query: message  top: 4 }
      solve r from rules using main {
        prompt: """
          {{ session.history | dialogue("用户", "客服") }}
          {{ rules | map(.text) | numbered }}
          （{{ state.情绪 }}）{{ message }}
          """
      }
      return r
    }
    else { return session.topic | default("您好") }
  }
  return reply
}

test 对话 {
  mock fast = replies("查询", {}, "查询", {订单号: "17", 情绪: "生气"}, "退款", {情绪: "生气"}, "其他", {})
  mock main = replies("已发货", "七天内可以退货")
  run one from 接待(message: "到哪了")
  run two from 接待(message: "17号")
  run three from 接待(message: "耳机可以退货吗")
  run four from 接待(message: "你好")
  expect one == "请告诉我订单号" and two == "已发货" and three == "七天内可以退货"
  expect sent_to(main) | contains("订单 17：17号")
  expect sent_to(main) | contains("用户: 17号\n客服: 已发货\n1. ")
  expect sent_to(main) | contains("（生气）耳机可以退货吗")
  expect four == "退款"
}
'''


def test_a_conversation_with_choices_a_state_and_a_knowledge_base() -> None:
    root = Path(__file__).parent / "plans"
    checked = check_text("support.plan", SUPPORT, base=root)
    assert checked.module is not None, [finding.entry for finding in checked.diagnostics]
    (verdict,) = run_tests(checked.module, root=root)
    assert not verdict.failures, verdict.failures


def test_the_history_keeps_what_a_guard_let_through(tmp_path: Path) -> None:
    file = tmp_path / "guarded.plan"
    file.write_text(
        """
model small = ollama("not-there")
session chat { history: 4 }
plan talk(message: text) -> text within chat {
  guard safe from message { redact: [phone] }
  solve answer from safe { prompt: "{{ session.history | dialogue }}|{{ safe }}" }
  return answer
}
""",
        encoding="utf-8",
    )
    scripted = Scripted(["one", "two"])
    plan = msrun.load(file, backends={"small": scripted})
    plan.run(session="ana", message="call me: 13800138000")
    plan.run(session="ana", message="when?")
    assert "call me" in scripted.requests[1].messages[0].content
    assert "13800138000" not in scripted.requests[1].messages[0].content


def allows(_text: str) -> None:
    """Let every text through."""


class Handbook:
    """Finds one passage."""

    key = "handbook"

    async def search(self, query: str, *, top: int, min_score: float) -> list[Passage]:
        return [Passage(f"资料：{query}", "docs", 0.9)][:top]


def test_the_support_plan_talks_over_three_turns(tmp_path: Path) -> None:
    plans = Path(__file__).parent / "plans"
    for name in ("lib", "docs"):
        shutil.copytree(plans / name, tmp_path / name)
    shutil.copy(plans / "d_support.plan", tmp_path)
    (tmp_path / "shop").mkdir()
    code = 'def get_order(id): return {"id": id, "status": "已发货", "eta": None}\n'
    (tmp_path / "shop" / "api.py").write_text(code, encoding="utf-8")
    fast = Scripted(["查询订单", "{}", "查询订单", '{"订单号": "17"}', "退款", '{"商品": "耳机"}'])
    main = Scripted(["请告诉我订单号", "已发货", "可以退"])
    plan = msrun.load(
        tmp_path / "d_support.plan",
        allow=["tool:orders"],
        backends={"fast": fast, "main": main},
        knowledge={"手册": Handbook()},
        moderations={"zh-default": allows},
        sessions=tmp_path / "chat.db",
    )
    said = [plan.run(session="安娜", message=text).value for text in ("到哪了", "17号", "不要了，电话13800138000")]
    assert said == ["请告诉我订单号", "已发货", "可以退"]
    asked = [request.messages[-1].content for request in main.requests]
    assert "用户还没有提供订单号" in asked[0]
    assert '"status":"已发货"' in asked[1]
    assert "User: 17号\nAssistant: 已发货" in asked[2]
    assert "13800138000" not in (tmp_path / "chat.db").read_bytes().decode("utf-8", "replace")
    (verdict,) = run_tests(plan.module, root=tmp_path, allow=("tool:orders",))
    assert not verdict.failures
