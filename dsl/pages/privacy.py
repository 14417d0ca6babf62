"""Pages of the findings about what must not leave: secrets and personal data, and the guards that keep them."""

from msrun.dsl.pages.page import Page

PAGES: dict[str, Page] = {
    "E0309": Page(
        title="personal data would leave",
        bad="""\
model cloud = openai("gpt-5-mini") { key: secret("OPENAI_API_KEY") }
model near = ollama("qwen3:8b")

plan reply(message: pii<text>) -> text {
  solve gist from message using near
  solve answer from gist using cloud
  return answer
}
""",
        why=(
            "What is typed `pii<…>`, and everything that is made of it, goes to no model or tool that is external: a "
            "model of another machine, unless its `trust` says `local` or `internal`, and a tool that says "
            "`trust: external`. The places show the way, from where the data come in."
        ),
        cure=(
            "Take the data out with a guard that has `redact`, ask a model that is not external, or say with "
            "`declassify(value, reason: …)` why this value may leave."
        ),
        good="""\
model cloud = openai("gpt-5-mini") { key: secret("OPENAI_API_KEY") }
model near = ollama("qwen3:8b")

plan reply(message: pii<text>) -> text {
  guard safe from message { redact: [phone, id_card, bank_card, email] }
  solve gist from safe using near
  solve answer from gist using cloud
  return answer
}
""",
    ),
}
