"""Words of the findings about models that cannot do what is asked, and about money, calls, tokens and time."""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {
    "E0101/limits": Entry(
        "`limits` bounds the run, a plan or a model, and there is no `{name}`",
        ("nothing of this name",),
        "did you mean `{near}`?",
    ),
    "E0101/limits/alone": Entry(
        "`limits` bounds the run, a plan or a model, and there is no `{name}`",
        ("nothing of this name",),
        "it bounds one of {known}",
    ),
    "E0501": Entry(
        "`{name}` sends images, and the model `{model}` takes none",
        ("images", "declared here"),
        "use a model that sees, or say that this one does: vision: true",
    ),
    "E0502": Entry(
        "the reply of `{name}` has a type, and `{model}` cannot be held to a schema",
        ("needs JSON", "declared here"),
        "schema: instruction",
    ),
    "E0503": Entry(
        "the vote weighs by log-probabilities, and `{model}` gives none",
        ("none to weigh by", "declared here"),
        "weight: count",
    ),
    "E0503/off": Entry(
        "the vote weighs by log-probabilities, and `{model}` is not asked for any",
        ("none to weigh by", "declared here"),
        "model {model} = … { logprobs: true }",
    ),
    "E0505": Entry(
        "the prompt has at least {tokens} tokens, and `{model}` takes {context} with its reply",
        ("cannot fit", "declared here"),
        "shorten it, or use a model with a longer context",
    ),
    "E0506": Entry("there is no backend `{name}` here", ("not installed",), "installed are: {known}"),
    "E0506/extra": Entry("`{name}` needs {packages}, not installed here", ("cannot be opened",), "{command}"),
    "E0507": Entry(
        "the environment variable `{name}` of `{owner}` is not set",
        ("not set",),
        "export {name}=…, or check with --offline",
    ),
    "E0508/model": Entry(
        "there is no model in `{name}`",
        ("no such folder",),
        "a folder with config.json, *.safetensors and tokenizer.json",
    ),
    "E0510": Entry(
        "`{model}` has learnt other labels: {labels}", ("wants {wanted}", "declared here"), "train it for these labels"
    ),
    "E0511": Entry("`{model}` does not take `{name}`", ("refused by its server",), "remove it, or use another model"),
    "E0512": Entry(
        "`{name}` asks for text, and `{model}` is an encoder: it writes none",
        ("{kind}", "declared here"),
        "use a model that writes, or `classify`",
    ),
    "E0601": Entry("{owner} needs {least}, and may use {bound}", ("never enough",), "raise it, or leave it out"),
    "E0602": Entry(
        "one call of `{name}` may take {inner}, all of {owner} {outer}",
        ("longer than what is around it", "ends before"),
        "timeout: {outer}",
    ),
    "E0603": Entry(
        "{owner} may need {most} calls without any fault, and may make {bound}",
        ("not enough for all of them",),
        "raise it, or lower `limit` and `samples`",
    ),
    "E0604": Entry(
        "{attempts} attempts of `{name}` take up to {whole}, all of {owner} {outer}",
        ("too many for the time", "each up to {inner}", "ends before"),
        "lower `retry`, or the timeout of one call",
    ),
    "E0605": Entry(
        "this bounds money, and nobody says what `{name}` costs",
        ("cannot be kept", "no price"),
        "model {name} = … { price_in: $0.50  price_out: $1.50 }",
    ),
}
