"""Turns an architecture into an untrained transformers model, and a spec into the optimisers of its parameters."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from msrun.trainers.causal_spec import Architecture, LoopSpec

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def build_model(architecture: Architecture, tokenizer: "PreTrainedTokenizerBase") -> "PreTrainedModel":
    """Return the untrained model, in float32, with tied embeddings and a vocabulary of the tokenizer's size."""
    ends = {"bos_token_id": None, "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    common = {"vocab_size": architecture.vocab or len(tokenizer), "tie_word_embeddings": True, **ends}
    return _gpt2(architecture, common) if architecture.kind == "gpt2" else _llama(architecture, common)


def _llama(a: Architecture, common: dict[str, Any]) -> "PreTrainedModel":
    from transformers import LlamaConfig, LlamaForCausalLM

    shape: dict[str, Any] = {
        "hidden_size": a.hidden,
        "intermediate_size": a.inner or a.hidden * 8 // 3,
        "num_hidden_layers": a.layers,
        "num_attention_heads": a.heads,
        "max_position_embeddings": a.positions,
        "rope_parameters": {"rope_type": "default", "rope_theta": a.theta},
    }
    return LlamaForCausalLM(LlamaConfig(**shape, **common))


def _gpt2(a: Architecture, common: dict[str, Any]) -> "PreTrainedModel":
    from transformers import GPT2Config, GPT2LMHeadModel

    shape: dict[str, Any] = {
        "n_embd": a.hidden,
        "n_inner": a.inner,
        "n_layer": a.layers,
        "n_head": a.heads,
        "n_positions": a.positions,
        "activation_function": "gelu",
        "resid_pdrop": 0.0,
        "embd_pdrop": 0.0,
        "attn_pdrop": 0.0,
    }
    return GPT2LMHeadModel(GPT2Config(**shape, **common))


def optimizers(model: "PreTrainedModel", spec: LoopSpec) -> "Sequence[torch.optim.Optimizer]":
    """Return AdamW over all parameters, or Muon over the hidden matrices and AdamW over the rest; vectors do not decay.

    Muon's rate is scaled to AdamW's (Jordan 2024; Liu 2025, section 2.2), so that one `peak` serves both.
    """
    import torch

    hidden, embeddings, vectors = _kinds(model)
    adam: dict[str, Any] = {"betas": spec.betas, "lr": spec.lr.peak, "fused": True}
    if spec.optimizer == "adamw":
        decayed = {"params": hidden + embeddings, "weight_decay": spec.weight_decay}
        return [torch.optim.AdamW([decayed, {"params": vectors, "weight_decay": 0.0}], **adam)]
    muon = torch.optim.Muon(hidden, lr=spec.lr.peak, weight_decay=spec.weight_decay, adjust_lr_fn="match_rms_adamw")
    return [muon, torch.optim.AdamW([{"params": embeddings + vectors, "weight_decay": 0.0}], **adam)]


_Parameters: TypeAlias = "list[torch.nn.Parameter]"


def _kinds(model: "PreTrainedModel") -> "tuple[_Parameters, _Parameters, _Parameters]":
    """Split the parameters into hidden matrices, embeddings (positions too) and vectors."""
    import torch

    tables = {id(module.weight) for module in model.modules() if isinstance(module, torch.nn.Embedding)}
    every: _Parameters = list(model.parameters())
    matrices = [p for p in every if p.ndim == 2]
    hidden = [p for p in matrices if id(p) not in tables]
    return hidden, [p for p in matrices if id(p) in tables], [p for p in every if p.ndim != 2]
