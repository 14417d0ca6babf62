"""Lets a saved causal model answer many inputs greedily, batched by length so that little is padding."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast


def replies(
    model: Path, inputs: Sequence[str], outputs: Sequence[str], *, batch: int, on_done: Callable[[int], None]
) -> list[str]:
    """Return the model's reply to every input, in the order of the inputs; `on_done` hears how many are there.

    Each input is one user message in the tokenizer's chat template, as a server would send it. A reply may be one
    token longer than the longest of the right `outputs`, so that a longer one shows as wrong.
    """
    import torch
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

    # transformers' own annotations leave these two open: what is used of them is generate, config and the call
    loaded: Any = cast("Any", AutoModelForCausalLM).from_pretrained(model, local_files_only=True, dtype=torch.float32)
    tokenizer: Any = cast("Any", PreTrainedTokenizerFast).from_pretrained(model, local_files_only=True)
    tokenizer.padding_side = "left"
    prompts = [_prompt(tokenizer, text) for text in inputs]
    longest = 2 + max(len(ids) for ids in tokenizer(list(outputs), add_special_tokens=False)["input_ids"])
    order = sorted(range(len(prompts)), key=lambda at: len(prompts[at]))
    found = [""] * len(prompts)
    with torch.inference_mode():
        for start in range(0, len(order), batch):
            places = order[start : start + batch]
            for place, reply in zip(
                places, _batch(loaded, tokenizer, [prompts[at] for at in places], longest), strict=True
            ):
                found[place] = reply
            on_done(start + len(places))
    return found


def _prompt(tokenizer: Any, text: str) -> str:
    message = [{"role": "user", "content": text}]
    return str(tokenizer.apply_chat_template(message, tokenize=False, add_generation_prompt=True))


def _batch(model: Any, tokenizer: Any, prompts: list[str], longest: int) -> list[str]:
    encoded = tokenizer(prompts, add_special_tokens=False, padding=True, return_tensors="pt")
    tokens, mask = encoded["input_ids"], encoded["attention_mask"]
    width = tokens.shape[1]
    room = model.config.max_position_embeddings - width
    if room < 1:  # no place for a reply: an empty one is wrong, which is what it is
        return [""] * len(prompts)
    made = model.generate(
        input_ids=tokens,
        attention_mask=mask,
        max_new_tokens=min(longest, room),
        do_sample=False,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    return [str(text) for text in tokenizer.batch_decode(made[:, width:], skip_special_tokens=True)]
