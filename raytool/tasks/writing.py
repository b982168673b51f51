"""Texts that a model writes for the commands that make tasks.

The model works in a process of its own: what its engine prints goes into a file, and none of it is left however this one ends.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from raytool import precision, pretrained
from raytool.config.rollout import EngineConfig
from raytool.console import Console
from raytool.process import guard_children, take_output
from raytool.records import UserError
from raytool.rollout.engine import Engine
from raytool.rollout.episode import sampling_seed

_TEMPERATURE = 0.7
_AT_ONCE = 256
_END_LIMIT_S = 60.0


@dataclass(frozen=True)
class Prompt:
    """Chat messages for a model. `like` is as long as the answer that is expected; what is more than twice as long is given up."""

    id: str  # with the writer's seed it draws the answer
    messages: Sequence[Mapping[str, str]]
    like: str


class Writer:
    """A model that writes, as a context manager. `log` gets what its engine prints; `flag` is the argument that named it, for messages.

    Raises:
        UserError: the model cannot be had or has no chat template, or its engine failed.
    """

    def __init__(self, model: str, seed: int, log: Path, console: Console, flag: str, context: int = 1024):
        """`context`: tokens of a prompt and its answer. What needs more is not written."""
        self.model = model
        self._log = log
        self._console = console
        self._flag = flag
        spawn = multiprocessing.get_context("spawn")
        self._ours, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_serve, args=(theirs, model, seed, log, context))
        self._process.start()
        theirs.close()

    def __enter__(self) -> Writer:
        try:
            with self._console.waiting(f"starting {self.model}; what vLLM prints is in {self._log}"):
                self._receive()
        except BaseException:
            self._kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._ours.close()  # which ends it, as it ends when this process does
        self._process.join(_END_LIMIT_S)
        self._kill()

    def write(self, what: str, prompts: Sequence[Prompt]) -> list[str]:
        """An answer for each, and "" for one that did not come to an end or has no room. `what` they are stands by the progress bar."""
        self._send(prompts)
        texts = [""] * len(prompts)
        with self._console.bar(what, len(prompts)) as bar:
            for _ in prompts:
                number, texts[number] = self._receive()
                bar.advance()
        return texts

    def _kill(self) -> None:
        self._process.kill()
        self._process.join()

    def _send(self, prompts: Sequence[Prompt]) -> None:
        try:
            self._ours.send(prompts)
        except OSError:
            raise self._died() from None

    def _receive(self) -> Any:
        limit_s = EngineConfig().start_limit_s
        try:
            if not self._ours.poll(limit_s):
                raise UserError(f"{self._flag}: waited {limit_s:g} s for the model; see {self._log}")
            received = self._ours.recv()
        except (EOFError, OSError):
            raise self._died() from None
        if isinstance(received, Exception):
            raise UserError(f"{self._flag}: {received}") from received
        return received

    def _died(self) -> UserError:
        return UserError(f"{self._flag}: the model's process died; see {self._log}")


# ---- in the model's process


def _serve(pipe: Connection, model: str, seed: int, log: Path, context: int) -> None:
    take_output(log)
    guard_children()
    try:
        asyncio.run(_answer_all(pipe, model, seed, context))
    except (EOFError, BrokenPipeError):
        pass  # nobody is there any more who wants to know
    except Exception as error:
        logging.getLogger(__name__).exception("the model's process failed")
        pipe.send(UserError(str(error)))


async def _answer_all(pipe: Connection, model: str, seed: int, context: int) -> None:
    """Send True once the model has started; then, for each list of prompts, (number, answer) as they come."""
    serving = _Serving(model, seed, context)
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int, prompt: Prompt) -> None:
        async with room:
            text = await serving.answer(prompt)
        pipe.send((number, text))

    try:
        pipe.send(True)
        while True:
            prompts = await asyncio.to_thread(pipe.recv)
            async with asyncio.TaskGroup() as writing:
                for number, prompt in enumerate(prompts):
                    writing.create_task(one(number, prompt))
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from group
    finally:
        serving.close()


class _Serving:
    def __init__(self, model: str, seed: int, context: int):
        import torch

        self._seed = seed
        self._context = context
        folder = pretrained.resolve(model, weights=True)
        self._tokenizer = pretrained.tokenizer(folder)
        if not self._tokenizer.chat_template:
            raise UserError(f"the tokenizer of {model} has no chat template; an instruct model is expected")
        self._ends = {self._tokenizer.eos_token_id, *pretrained.end_tokens(folder)}
        accelerator = "cuda" if torch.cuda.is_available() else "cpu"
        dtype = precision.choose("auto", accelerator)
        self._engine = Engine.start(folder, EngineConfig(), context, self._ends, accelerator, dtype)

    async def answer(self, prompt: Prompt) -> str:
        text = self._tokenizer.apply_chat_template(list(prompt.messages), tokenize=False, add_generation_prompt=True)
        asked = self._tokenizer.encode(text, add_special_tokens=False)
        most = 2 * len(self._tokenizer.encode(prompt.like, add_special_tokens=False)) + 16
        if len(asked) + most > self._context:
            return ""
        (*answer, last), _ = await self._engine.sample(asked, most, _TEMPERATURE, sampling_seed(self._seed, prompt.id))
        return self._tokenizer.decode(answer, skip_special_tokens=True).strip() if last in self._ends else ""

    def close(self) -> None:
        self._engine.close()
