"""What a checked plan becomes: nodes with their reads, shapes, prompts and policies, and all that the plan needs."""

import pytest

from msrun.dsl.codec import encode
from msrun.dsl.front import check_text
from msrun.dsl.plan import Ask, Compute, Input, Invoke, ModelSpec, Name, Node, Plan, Policy, SecretRef, Tally, ValueMap
from msrun.dsl.shapes import INT, JSON, TEXT, CellOf, EnumDef, ListOf, Maybe, Named, Range, bare, spell
from msrun.dsl.tree import Constant, Get, Ref, Text

SMALL = 'model small = ollama("m")\n'
STEP = "type Step { id: key  ask: text[..200]  needs: list<ref<Step>> }\n"


def plan_of(text: str) -> Plan:
    checked = check_text("x.plan", text)
    assert checked.module is not None, [(f.entry, f.values) for f in checked.diagnostics]
    return checked.module.plan()


def nodes(body: str, *, head: str = SMALL, inputs: str = "question: text") -> dict[str, Node]:
    """Lower nodes in a plan that returns its question."""
    plan = plan_of(f"{head}plan ask({inputs}) -> text {{\n{body}\n  return question\n}}\n")
    return {node.id: node for node in plan.nodes}


def prompt(node: Node) -> Text:
    assert isinstance(node.action, Ask)
    return node.action.prompt


def words(node: Node) -> str:
    """The characters of a prompt, its holes as `{}`."""
    return "".join(part if isinstance(part, str) else "{}" for part in prompt(node).parts)


def test_decompose_gives_a_list_bounded_by_a_written_limit() -> None:
    node = nodes("decompose parts from question limit 4")["parts"]
    assert node.shape == ListOf(TEXT, Range(None, 4)) == node.value_shape
    assert node.limit == Constant(4)
    assert isinstance(node.action, Ask)
    assert node.action.stream_items
    assert node.action.model == "small"
    assert node.source == Ref("question")
    assert node.reads == ("question",)


def test_a_limit_from_a_param_bounds_at_run_time_only() -> None:
    node = nodes("decompose parts from question limit n", head=SMALL + "param n: int = 3\n")["parts"]
    assert node.shape == ListOf(TEXT)
    assert node.limit == Ref("n")
    assert node.reads == ("question",)


@pytest.mark.parametrize(
    ("body", "streams"),
    [
        ("decompose parts from question", True),
        ("decompose parts from question { stream: false }", False),
        ("decompose parts from question samples 2", False),
    ],
)
def test_items_are_streamed_unless_switched_off_or_drawn_several_times(body: str, streams: bool) -> None:
    action = nodes(body)["parts"].action
    assert isinstance(action, Ask)
    assert action.stream_items is streams


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("solve x: int from question", "int"),
        ("solve x from question samples 3", "list<text>"),
        ("solve x: int for p in parts", "list<cell<int>>"),
        ("solve x: int for p in parts samples 2", "list<cell<list<int>>>"),
        ('solve x from question when question != "a"', "text?"),
        ('solve x for p in parts when p != "a"', "list<cell<text>>"),
        ("decompose x from question", "list<text>"),
        ("decompose x: int for p in parts", "list<cell<list<int>>>"),
        ("score x from question", "float[0..1]"),
        ("let x = question + question", "text"),
        ("let x = parts | count", "int"),
    ],
)
def test_what_readers_of_a_node_get(body: str, value: str) -> None:
    assert spell(nodes("decompose parts from question\n" + body)["x"].value_shape) == value


def test_reads_are_inputs_and_nodes_in_the_order_they_are_named_and_never_binders() -> None:
    body = """
      decompose steps: Step from question limit 2
      solve other from question
      solve facts for step in steps given step.needs as known when style != "x" samples n {
        system: "{{ tone }}"
        prompt: "{{ other }} {{ known | each(fact) }} {{ step.ask }} {{ question }} {{ limit_ }}"
      }
    """
    head = (
        SMALL + STEP + 'fragment fact(item: Step, value: json) = "{{ item.ask }}{{ value }}"\nparam limit_: int = 1\n'
    )
    node = nodes(body, head=head, inputs="question: text, style: text, tone: text, n: int")["facts"]
    assert node.reads == ("steps", "style", "n", "tone", "other", "question")


def test_given_earlier_and_given_needs() -> None:
    body = """
      decompose steps: Step from question
      solve one for step in steps given earlier as known
      solve two for step in steps given step.needs as known
      solve three for step in steps given earlier
      solve four for step in steps given step.needs
    """
    found = nodes(body, head=SMALL + STEP)
    assert found["one"].given is not None
    assert (found["one"].given.name, found["one"].given.needs) == ("known", None)
    assert found["two"].given is not None
    assert found["two"].given.needs == Get(Ref("step"), "needs")
    assert found["three"].given is not None
    assert found["three"].given.name == "earlier"
    assert found["four"].given is not None
    assert found["four"].given.name == "given"
    assert words(found["four"]).count("{}") == 2


def test_a_default_prompt_holds_from_given_results_and_the_item() -> None:
    body = """
      decompose steps: Step from question
      solve facts from question for step in steps given earlier as known
      combine answer from [facts, question]
    """
    found = nodes(body, head=SMALL + STEP)
    assert words(found["steps"]).endswith("\n\n{}")
    assert "question:\n{}" in words(found["facts"])
    assert "Known so far:\n{}" in words(found["facts"])
    assert "step:\n{}" in words(found["facts"])
    assert "facts:\n{}" in words(found["answer"])
    assert "question:\n{}" in words(found["answer"])


def test_a_default_prompt_of_cells_brings_its_own_fragment() -> None:
    text = (
        SMALL + "plan ask(question: text) -> text {\n decompose parts from question\n solve answers for part in parts\n"
    )
    plan = plan_of(text + " combine answer from answers\n return answer\n}")
    assert [fragment.name for fragment in plan.fragments] == ["(finding)"]


def test_a_default_prompt_of_classify_lists_the_labels() -> None:
    head = SMALL + 'enum Topic { sport "games"  other }\n'
    node = nodes("classify topic: Topic from question", head=head)["topic"]
    assert "- sport: games\n- other" in words(node)
    assert node.shape == Named("Topic")


def test_the_default_model_is_the_only_one_or_the_one_of_defaults() -> None:
    two = 'model a = ollama("a")\nmodel b = ollama("b")\ndefaults { model: b  retry: 5  timeout: 20s }\n'
    found = nodes("solve x from question\nsolve y from question using a { retry: 1 }", head=two)
    models = [node.action.model for node in found.values() if isinstance(node.action, Ask)]
    assert models == ["b", "a"]
    assert found["x"].policy == Policy(retry=5, timeout_s=20)
    assert found["y"].policy == Policy(retry=1, timeout_s=20)


def test_policy_and_decoding_settings() -> None:
    body = """
      solve x from question {
        temperature: 0.2  max_tokens: 2k  stop: ["a", "b"]  top_p: 90%
        retry: 3  repair: 0  on_error: skip  timeout: 500ms  parallel: 4
      }
    """
    node = nodes(body)["x"]
    assert node.policy == Policy(retry=3, repair=0, on_error="skip", timeout_s=0.5, parallel=4)
    assert isinstance(node.action, Ask)
    assert node.action.settings == (
        ("temperature", 0.2),
        ("max_tokens", 2000),
        ("top_p", 0.9),
        ("stop", ("a", "b")),
    )


def test_labels_become_their_texts_and_topic_label_the_topic() -> None:
    body = """
      classify topic: Topic from question
      let one = topic == sport
      let two = topic == Topic.other
      solve x from question when topic != other { prompt: "{{ topic.label }} {{ question }}" }
    """
    found = nodes(body, head=SMALL + "enum Topic { sport  other }\n")
    assert "Ref(name='sport')" not in repr(found["one"])
    assert isinstance(found["one"].action, Compute)
    assert repr(Constant("sport")) in repr(found["one"].action.value)
    assert repr(Constant("other")) in repr(found["two"].action)
    assert repr(Constant("other")) in repr(found["x"].when)
    assert "label" not in repr(prompt(found["x"]))


def test_vote() -> None:
    body = """
      solve drafts: Draft from question samples 5
      vote best from drafts by .final { normalise: [number, casefold]  weight: logprob  quorum: 50% }
    """
    node = nodes(body, head=SMALL + "type Draft { final: text }\n")["best"]
    assert node.action == Tally(
        source=Ref("drafts"), by=Get(None, "final"), normalise=("number", "casefold"), weight="logprob", quorum=0.5
    )
    assert bare(node.value_shape) == Named("Draft")


def test_vote_over_cells_gives_the_value_of_one() -> None:
    body = "decompose parts from question\nsolve a: int for p in parts\nvote best from a"
    assert nodes(body)["best"].shape == INT


def test_call_binds_arguments_by_place_and_name_and_streams_a_list() -> None:
    head = SMALL + 'tool web(query: text, top: int = 5) -> list<text> = python("tools:web") { timeout: 5s }\n'
    body = "decompose parts from question\ncall pages from web(question, top: 2)\ncall more from web(p) for p in parts"
    found = nodes(body, head=head)
    assert found["pages"].action == Invoke(
        tool="web", args=(("query", Ref("question")), ("top", Constant(2))), stream_items=True
    )
    assert found["more"].action == Invoke(tool="web", args=(("query", Ref("p")),))
    assert found["more"].reads == ("parts",)
    assert found["more"].value_shape == ListOf(CellOf(TEXT, ListOf(TEXT)))


def test_inputs_params_and_their_defaults() -> None:
    text = """
      model small = ollama("m")
      enum Mood { calm  angry }
      param n: int = 8 { help: "how many" }
      plan ask(question: text, mood: Mood = angry, note: text?, tags: list<text> = ["a"], size: int = -1) -> text {
        solve x from [question, mood, tags, size] {
          prompt: "{{ question }} {{ mood }} {{ note | default("") }} {{ n }} {{ tags | bullets }} {{ size }}"
        }
        return x
      }
    """
    plan = plan_of(text)
    assert plan.inputs == (
        Input(name="question", shape=TEXT),
        Input(name="mood", shape=Named("Mood"), required=False, default="angry"),
        Input(name="note", shape=Maybe(TEXT), required=False),
        Input(name="tags", shape=ListOf(TEXT), required=False, default=("a",)),
        Input(name="size", shape=INT, required=False, default=-1),
    )
    assert plan.params == (Input(name="n", shape=INT, required=False, default=8, help="how many"),)
    assert plan.types == (EnumDef("Mood", (("calm", ""), ("angry", ""))),)


def test_models_keep_their_settings_in_plain_units() -> None:
    head = """
      model x = openai("gpt-5", ) {
        key: secret("OPENAI_API_KEY")  temperature: 0  timeout: 2min  max_tokens: 4k
        schema: json_object  price_in: $1.25  price_out: $10
        headers: {team: "a", token: secret("T")}
      }
    """.replace(", )", ")")
    plan = plan_of(head + "plan ask(question: text) -> text {\n solve a from question\n return a\n}")
    (model,) = plan.models
    assert (model.backend, model.id) == ("openai", "gpt-5")
    assert model.setting("key") == SecretRef("OPENAI_API_KEY")
    assert (model.setting("temperature"), model.setting("timeout"), model.setting("max_tokens")) == (0, 120, 4000)
    assert (model.setting("price_in"), model.setting("price_out")) == (1.25, 10)
    assert model.setting("schema") == Name("json_object")
    assert model.setting("headers") == ValueMap((("team", "a"), ("token", SecretRef("T"))))


def test_scripted_replies_and_backends_of_installed_packages() -> None:
    text = (
        'model s = scripted("a", {b: [1, null]}, replies: ["x"]) { delay: 100ms }\n'
        'model f = acme("m", size: 3) { flavour: "mint"  key: secret("K")  deep: {a: [1]} }\n'
        "plan ask(question: text) -> text {\n solve a from question using s\n solve b from a using f\n return b\n}"
    )
    s, f = plan_of(text).models
    assert s == ModelSpec(
        name="s",
        backend="scripted",
        args=("a", ValueMap((("b", (1, None)),))),
        named=(("replies", ("x",)),),
        settings=(("delay", 0.1),),
    )
    assert f.backend == "acme"
    assert f.named == (("size", 3),)
    assert f.setting("key") == SecretRef("K")
    assert f.setting("deep") == ValueMap((("a", (1,)),))


def test_a_plan_brings_only_what_it_needs_through_others_too() -> None:
    text = """
      model a = ollama("a")
      model b = ollama("b")
      type Inner { x: text }
      type Outer { inner: list<Inner>? }
      type Alone { y: text }
      fragment low(item: Inner) = "{{ item.x }}"
      fragment high(item: Inner) = "{{ low(item) }}"
      fragment alone(item: Alone) = "{{ item.y }}"
      tool one(q: text) -> Outer = python("t:one")
      tool two(q: text) -> Alone = python("t:two")
      plan first(q: text) -> text {
        call out from one(q: q)
        solve x from out using a { prompt: "{{ out.inner | default([]) | each(high) }}" }
        return x
      }
      plan second(q: text) -> text {
        call out from two(q: q)
        solve x from out using b { prompt: "{{ alone(out) }}" }
        return x
      }
    """
    checked = check_text("x.plan", text)
    assert checked.module is not None, checked.diagnostics
    first, second = checked.module.plans
    assert [m.name for m in first.models] == ["a"]
    assert [t.name for t in first.tools] == ["one"]
    assert [f.name for f in first.fragments] == ["low", "high"]
    assert [t.id for t in first.types] == ["Inner", "Outer"]
    assert [t.id for t in second.types] == ["Alone"]
    assert [f.name for f in second.fragments] == ["alone"]


def test_the_order_of_the_text_means_nothing() -> None:
    forward = plan_of(
        SMALL + "plan p(q: text) -> text {\n solve a: int from q\n let b = a + 1\n solve c from b\n return c\n}"
    )
    backward = plan_of(
        SMALL + "plan p(q: text) -> text {\n return c\n solve c from b\n let b = a + 1\n solve a: int from q\n}"
    )
    assert {n.id: encode(n) for n in forward.nodes} == {n.id: encode(n) for n in backward.nodes}


def test_a_plan_without_a_result_type_gives_what_it_returns_with_cells_as_values() -> None:
    text = SMALL + "plan p(q: text) {\n decompose parts from q\n solve a: int for x in parts\n return a\n}"
    assert plan_of(text).result == ListOf(INT)


def test_expect_becomes_a_check() -> None:
    plan = plan_of(SMALL + 'plan p(q: text) -> text {\n solve a from q\n expect a != "" and q != "x"\n return a\n}')
    (check,) = plan.expects
    assert check.reads == ("a", "q")


def test_a_condition_makes_what_it_asks_for_certain() -> None:
    head = SMALL + "type Note { page: int? }\n" + 'tool find(page: int) -> text = python("t:find")\n'
    body = "solve note: Note from question\ncall x from find(page: note.page) when note.page != null and note.page > 3"
    assert nodes(body, head=head)["x"].value_shape == Maybe(TEXT)


def test_image_inputs_are_sent_along() -> None:
    node = nodes(
        'solve x from photo { images: [photo]  prompt: "Describe for {{ question }}" }',
        inputs="question: text, photo: image",
    )["x"]
    assert isinstance(node.action, Ask)
    assert node.action.images == (Ref("photo"),)
    assert node.reads == ("photo", "question")


def test_json_fields_and_records_fit_by_their_fields() -> None:
    types = "type Wide { a: text  b: int }\ntype Narrow { a: text  c: int = 1 }\n"
    head = SMALL + types + 'tool t(n: Narrow) -> json = python("t:t")\n'
    body = "solve w: Wide from question\ncall r from t(n: w)\nlet f = r.anything.at_all"
    found = nodes(body, head=head)
    assert found["f"].value_shape == JSON


def test_a_timeout_of_the_model_or_tool_holds_where_the_node_says_none() -> None:
    head = """
      model small = ollama("m") { timeout: 20s }
      tool web(q: text) -> text = python("t:web") { timeout: 5s }
    """
    body = "solve x from question\nsolve y from question { timeout: 1s }\ncall z from web(q: question)"
    found = nodes(body, head=head)
    assert [found[name].policy.timeout_s for name in "xyz"] == [20, 1, 5]


def test_a_tool_is_called_again_only_where_its_node_says_so() -> None:
    head = 'tool f(q: text) -> text = python("m:f")\n' + SMALL.replace("\n", "\ndefaults { retry: 5 }\n", 1)
    found = nodes("call once from f(q: question)\ncall twice from f(q: question) { retry: 1 }", head=head)
    assert found["once"].policy.retry == 0
    assert found["twice"].policy.retry == 1
