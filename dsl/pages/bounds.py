"""Pages of the findings about models that cannot do what is asked, and about money, calls, tokens and time."""

from msrun.dsl.facts import Checkpoint, Machine, Told
from msrun.dsl.pages.page import Page

_MODEL = 'model small = openai("gpt-4.1-mini") { key: secret("OPENAI_API_KEY") }\n'

_ASK = """
plan ask(question: text) -> text {
  solve answer from question
  return answer
}
"""

_GOOD = _MODEL + _ASK

_SHORT = _ASK.replace(
    "from question", 'from question { prompt: "Answer in one short sentence, or not at all: {{ question }}" }'
)

_TWO = _ASK.replace("  return answer", "  combine last from answer\n  return last")

_LOOK = """
plan look(photo: image) -> text {
  solve seen { images: [photo]  prompt: "What is to be seen?" }
  return seen
}
"""

_TYPED = """
type Answer { text: text  sure: bool }

plan ask(question: text) -> text {
  solve answer: Answer from question
  return answer.text
}
"""

_VOTE = """
plan ask(question: text) -> text {
  solve drafts from question samples 5
  vote answer from drafts { weight: logprob }
  return answer
}
"""

_CONTEXT = 'model small = ollama("mine") { context: 8k }\n'

_CLASSIFY = """
enum Topic { sport  politics }

model topics = transformers("models/topics")

plan read(article: text) -> text {
  classify topic: Topic from article
  return topic.label
}
"""

_TIMES = """
plan ask(question: text) -> text {
  timeout: 60s
  solve answer from question { timeout: 20s  retry: 1 }
  return answer
}
"""

_MANY = """
plan ask(question: text) -> text {
  decompose parts from question limit 6
  solve answers for part in parts
  combine answer from answers
  return answer
}
"""


def _here(*labels: str, set_: bool = True, lacking: bool = False) -> Told:
    """A machine with all that the handbook's plans need, but for what a page is about."""
    kind = "BertForSequenceClassification" if labels else "LlamaForCausalLM"
    return Told(
        here=Machine(
            secret=lambda _name: set_,
            backends=("ollama", "openai", "transformers"),
            lacking=lambda name: (
                ("torch", 'pip install "msrun[local]"') if lacking and name == "transformers" else None
            ),
            checkpoint=lambda _path: Checkpoint(architectures=(kind,), labels=labels),
        )
    )


PAGES: dict[str, Page] = {
    "E0501": Page(
        title="a model that takes no images is shown one",
        bad='model small = openai("gpt-3.5-turbo")\n' + _LOOK,
        why=(
            "The catalogue of models says that this one reads text only; its server would refuse the call. What the "
            "catalogue does not know is never reported, and `vision: true` in the model's settings has the last word."
        ),
        cure="Use a model that takes images.",
        good=_MODEL + _LOOK,
    ),
    "E0502": Page(
        title="a model that cannot be held to a schema is told to be",
        bad='model small = openai("gpt-3.5-turbo") { schema: json_schema }\n' + _TYPED,
        why=(
            "`schema: json_schema` asks the server to let the model write nothing but what the type allows. The server "
            "of this model has no such means."
        ),
        cure="Leave `schema` out, or tell the model the schema in words: the reply is checked in any case.",
        good='model small = openai("gpt-3.5-turbo") { schema: instruction }\n' + _TYPED,
    ),
    "E0503": Page(
        title="a vote weighs by log-probabilities that there are none of",
        bad='model small = openai("gpt-4.1-mini")\n' + _VOTE,
        why=(
            "`weight: logprob` counts a draft by how likely the model found it. A server tells that only where it is "
            "asked to, and some models cannot tell it at all."
        ),
        cure="Say `logprobs: true` at a model that gives them, or count every draft once.",
        good='model small = openai("gpt-4.1-mini") { logprobs: true }\n' + _VOTE,
    ),
    "E0505": Page(
        title="a prompt cannot fit into the model's context",
        bad=_CONTEXT.replace("8k", "6")
        + _ASK.replace(
            "question\n ", 'question { prompt: "Answer in one short sentence, or not at all: {{ question }}" }\n '
        ),
        why=(
            "A token never spans two words, so a text has at least as many tokens as words. What is fixed in this "
            "prompt is already longer than prompt and reply may be together."
        ),
        cure="Shorten the prompt, or use a model with a longer context.",
        good=_CONTEXT
        + _ASK.replace(
            "question\n ", 'question { prompt: "Answer in one short sentence, or not at all: {{ question }}" }\n '
        ),
    ),
    "E0506": Page(
        title="a backend, or what it needs, is not installed",
        bad='model small = transformers("models/small")\n' + _ASK,
        why=(
            "Backends that run models in this process need packages of their own, and backends of other packages "
            "come with those. `msrun check --offline` leaves such findings out."
        ),
        cure="Run the command that the finding names.",
        good=_GOOD,
        facts=_here(lacking=True),
    ),
    "E0507": Page(
        title="an environment variable is not set",
        bad=_GOOD,
        why=(
            "A key is named in the plan and read from the environment when the first call is made. Without it that "
            "call fails. `msrun check --offline` leaves such findings out; of a profile's models they are only made "
            "with `--profile`."
        ),
        cure="Set the variable.",
        good=_GOOD.replace(' { key: secret("OPENAI_API_KEY") }', ""),
        facts=_here(set_=False),
    ),
    "E0510": Page(
        title="a classifier has learnt other labels",
        bad=_CLASSIFY.replace("sport  politics", "good  bad")[1:],
        why="The model's folder lists the labels that it was trained for. It can give no other ones.",
        cure="Use the labels that it knows, or train a model for these.",
        good=_CLASSIFY[1:],
        facts=_here("sport", "politics"),
    ),
    "E0511": Page(
        title="a server does not take a setting",
        bad=_GOOD.replace("question\n", "question { top_k: 20 }\n", 1),
        why=(
            "Servers of the same protocol take different settings: OpenAI's own knows no `top_k` and no `min_p`, and "
            "its reasoning models refuse `top_p`. Such a call is answered with an error."
        ),
        cure="Leave the setting out.",
        good=_GOOD,
    ),
    "E0512": Page(
        title="an encoder is asked to write",
        bad='model topics = transformers("models/topics")\n' + _ASK,
        why="A model made for classification, or to fill gaps, has no part that writes text word by word.",
        cure="Use a model that writes, or ask this one to `classify`.",
        good=_CLASSIFY[1:],
        facts=_here("sport", "politics"),
    ),
    "E0601": Page(
        title="a bound is below what every run needs",
        bad=_MODEL + "\nlimits run { calls: 1 }\n" + _TWO,
        why=(
            "What a run takes at least is known from the plan: its calls, the words of its prompts, the prices of its "
            "models. No run can end within this bound."
        ),
        cure="Raise the bound; `msrun check --cost` says what the plan may take.",
        good=_MODEL + "\nlimits run { calls: 12 }\n" + _TWO,
    ),
    "E0602": Page(
        title="one call may take longer than all of the run",
        bad=_MODEL + _TIMES.replace("20s  retry: 1", "90s"),
        why="The plan ends after its own timeout, so the longer one of a node in it never takes effect.",
        cure="Make the inner timeout the shorter one.",
        good=_MODEL + _TIMES,
    ),
    "E0603": Page(
        title="the worst case is over the limit of calls",
        bad=_MODEL + "\nlimits run { calls: 5 }\n" + _MANY,
        why=(
            "Every bound of the plan is written: its lists, samples and rounds. Together they allow more calls than "
            "the run may make, without any retry, so that some inputs could never be answered."
        ),
        cure="Raise the limit, or lower `limit` and `samples`.",
        good=_MODEL + "\nlimits run { calls: 30 }\n" + _MANY,
    ),
    "E0604": Page(
        title="the attempts of a node cannot end in time",
        bad=_MODEL + _TIMES.replace("retry: 1", "retry: 5"),
        why=("Each attempt may take as long as the node's timeout. The last one would begin after the plan has ended."),
        cure="Lower `retry`, or the timeout of one call.",
        good=_MODEL + _TIMES,
    ),
    "E0605": Page(
        title="money is bounded, and a price is not known",
        bad='model small = openai("my-own")\n' + "\nlimits run { budget: $0.10 }\n" + _ASK,
        why=(
            "A budget is kept by what calls cost. The model is not in the catalogue, and its settings say no price, so "
            "its calls would seem to be free."
        ),
        cure="Say what a million tokens cost, or lay a file of prices over the catalogue with `--prices`.",
        good='model small = openai("my-own") { price_in: $0.50  price_out: $1.50 }\n'
        "\nlimits run { budget: $0.10 }\n" + _ASK,
    ),
}
