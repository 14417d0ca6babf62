"""Lets a saved causal model answer many inputs greedily, knowing the right outputs, which makes it cheap.

One pass over input and right output shows whether every greedy step gives the right token. Only the other rows are
generated, and those only until a little after they leave the right text.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

_AFTER_TOKENS = 24
"""How much of a wrong reply is generated after its first wrong token, for people to read."""


def replies(
    model: Path, inputs: Sequence[str], outputs: Sequence[str], *, batch: int, on_done: Callable[[int], None]
) -> list[str]:
    """Return the model's greedy reply to every input, in the order of the inputs; `on_done` hears how many are there.

    A reply equals its right output exactly where generating it in full would; a wrong one may be cut. Each input is
    one user message in the tokenizer's chat template, as a server would send it.
    """
    import torch
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast
    from transformers.utils import logging

    cast("Any", logging).disable_progress_bar()
    # transformers' own annotations leave these open: what is used of them is generate, config and the call
    loaded: Any = cast("Any", AutoModelForCausalLM).from_pretrained(model, local_files_only=True, dtype=torch.float32)
    tokenizer: Any = cast("Any", PreTrainedTokenizerFast).from_pretrained(model, local_files_only=True)
    prompts = [_prompt(tokenizer, text) for text in inputs]
    order = sorted(range(len(prompts)), key=lambda at: len(prompts[at]) + len(outputs[at]))
    found = list(outputs)
    with torch.inference_mode():
        for start in range(0, len(order), batch):
            places = order[start : start + batch]
            sure = _forced(loaded, tokenizer, [prompts[at] for at in places], [outputs[at] for at in places])
            left = [at for at, right in zip(places, sure, strict=True) if not right]
            for at, reply in zip(left, _generated(loaded, tokenizer, left, prompts, outputs), strict=True):
                found[at] = reply
            on_done(start + len(places))
    return found


def _prompt(tokenizer: Any, text: str) -> str:
    message = [{"role": "user", "content": text}]
    return str(tokenizer.apply_chat_template(message, tokenize=False, add_generation_prompt=True))


def _forced(model: Any, tokenizer: Any, prompts: Sequence[str], outputs: Sequence[str]) -> list[bool]:
    """Return for each row whether every greedy choice is the right output's next token, its end included."""
    import torch

    before = tokenizer(list(prompts), add_special_tokens=False)["input_ids"]
    after = tokenizer([f"{text}{tokenizer.eos_token}" for text in outputs], add_special_tokens=False)["input_ids"]
    rows = [[*prompt, *reply] for prompt, reply in zip(before, after, strict=True)]
    width = max(map(len, rows))
    if width > model.config.max_position_embeddings:
        return [False] * len(rows)
    tokens = torch.full((len(rows), width), int(tokenizer.pad_token_id))
    scored = torch.zeros((len(rows), width), dtype=torch.bool)
    for at, row in enumerate(rows):
        tokens[at, : len(row)] = torch.tensor(row)
        scored[at, len(before[at]) : len(row)] = True
    # padding stands on the right, where the causal mask hides it; logits are made for output tokens only
    hidden = model.base_model(input_ids=tokens, use_cache=False).last_hidden_state[:, :-1]
    where = scored[:, 1:].nonzero(as_tuple=True)
    chosen = model.get_output_embeddings()(hidden[where]).argmax(-1)
    wrong = {int(at) for at in where[0][chosen != tokens[:, 1:][where]]}
    return [at not in wrong for at in range(len(rows))]


def _generated(
    model: Any, tokenizer: Any, places: Sequence[int], prompts: Sequence[str], outputs: Sequence[str]
) -> list[str]:
    """Return the replies to some of the inputs, each until it ends or has left its right output for a while."""
    if not places:
        return []
    tokenizer.padding_side = "left"
    encoded = tokenizer([prompts[at] for at in places], add_special_tokens=False, padding=True, return_tensors="pt")
    width = encoded["input_ids"].shape[1]
    wanted = [outputs[at] for at in places]
    longest = max(len(ids) for ids in tokenizer(wanted, add_special_tokens=False)["input_ids"])
    room = min(longest + _AFTER_TOKENS, model.config.max_position_embeddings - width)
    if room < 1:  # no place for a reply: an empty one is what there is
        return [""] * len(places)
    made = model.generate(
        input_ids=encoded["input_ids"],
        attention_mask=encoded["attention_mask"],
        max_new_tokens=room,
        do_sample=False,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        stopping_criteria=[_leaving(tokenizer, width, wanted)],
    )
    return [str(text) for text in tokenizer.batch_decode(made[:, width:], skip_special_tokens=True)]


def _leaving(tokenizer: Any, width: int, wanted: Sequence[str]) -> Callable[..., Any]:
    """Return the criterion that stops a row some tokens after its text is no longer the beginning of the wanted one."""
    import torch

    left_for = [0] * len(wanted)

    def stop(tokens: Any, scores: Any, **_: object) -> Any:
        del scores
        for at, text in enumerate(wanted):
            if left_for[at] or not text.startswith(tokenizer.decode(tokens[at, width:], skip_special_tokens=True)):
                left_for[at] += 1
        return torch.tensor([count > _AFTER_TOKENS for count in left_for])

    return stop
