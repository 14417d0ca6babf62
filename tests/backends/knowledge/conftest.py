"""A tiny random encoder, and folders of documents."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

RULES = {
    "docs/returns.md": "# Returns\n\nGoods may be returned within seven days. Worn earphones stay with the buyer.\n",
    "docs/post.md": "# Post\n\nParcels leave within two days. A lost parcel is sent again.\n",
    "docs/zh/退货.md": "# 退货\n\n七天内可以无理由退货。耳机拆封后不支持退货。\n",
}


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of random weights with a tokenizer of single characters."""
    out = tmp_path_factory.mktemp("encoder")
    # none of these tells the types of what is used here
    tokenizers: Any = importlib.import_module("tokenizers")
    torch: Any = importlib.import_module("torch")
    transformers: Any = importlib.import_module("transformers")
    letters = sorted(set("abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ.,#?\n退货七天耳机"))
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters]
    backend = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({token: at for at, token in enumerate(tokens)}, unk_token="[UNK]")
    )
    backend.pre_tokenizer = tokenizers.pre_tokenizers.Split(tokenizers.Regex(r"[\s\S]"), behavior="isolated")
    backend.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(out)
    torch.manual_seed(7)
    transformers.BertModel(
        transformers.BertConfig(
            vocab_size=len(tokens),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=64,
            initializer_range=0.5,
        )
    ).save_pretrained(out)
    return out


@pytest.fixture
def pooled(encoder_folder: Path, tmp_path: Path) -> Path:
    """The same encoder, whose own settings say that the first token is the sentence."""
    out = tmp_path / "cls"
    (out / "1_Pooling").mkdir(parents=True)
    for file in encoder_folder.iterdir():
        (out / file.name).symlink_to(file)
    (out / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}), encoding="utf-8")
    return out


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A plan's folder with documents."""
    for name, text in RULES.items():
        path = tmp_path / "plan" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "plan"
