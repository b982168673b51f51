"""The vLLM engine: tokens in, tokens and log-probabilities out. The only file that imports vllm."""

from __future__ import annotations

import asyncio
import dataclasses
import difflib
import itertools
import logging
import os
import re
import time
from collections.abc import Collection, Sequence
from typing import Any

import pydantic

from raytool.config.rollout import EngineConfig
from raytool.precision import Precision
from raytool.records import UserError, first_mistake
from raytool.rollout.episode import InfrastructureError

log = logging.getLogger(__name__)

# On a CPU there is no graph capture to gain from; and vLLM rewinds the generator of a seeded request whose prompt was
# prefilled in part, which only CUDA generators can do ("CPU Generator does not use offset"): prompts go in whole.
_CPU_DEFAULTS = {"enforce_eager": True, "enable_chunked_prefill": False, "block_size": 32}
_TOLD = 32  # tokens of a request that are handed over at once: each shows that the engine gets on, and costs the loop that plays a little
_LOOK_S = 1.0  # how often it is seen whether the engine still lives while it loads
_SHORTER_CONTEXT = re.compile(r"max_model_len \((\d+)\) is greater than the derived max_model_len \((\w+=\d+)")
_RAISED = re.compile(r"(?:\w+\.)*\w*(?:Error|Exception): (?!Engine core initialization failed|Failed core proc).*")
_OTHER_ADVICE = re.compile(r"(?:Try|Increase|Decrease) (?:increasing|GPU)")  # by the names that vLLM's own flags have
_NO_ROOM = re.compile(r"No available memory for the cache blocks|To serve at least one request|Free memory on device|out of memory")


class WorkerExtension:
    """Mixed into vLLM's worker process."""

    model_runner: Any

    def repack_heads(self) -> None:
        """Have every output head packed anew from its weight.

        A reload packs the layers whose weights it reads; a head that is tied to the embedding has none of its own in
        the checkpoint, and on a CPU goes on with what was packed at the start. (Seen: log-probabilities off by 0.038
        nats a token after an SFT, 0.006 with this.)
        """
        from vllm.model_executor.layers.vocab_parallel_embedding import ParallelLMHead

        for module in self.model_runner.get_model().modules():
            if isinstance(module, ParallelLMHead):
                module.quant_method.process_weights_after_loading(module)


class EngineDead(Exception):
    """The engine answers no more requests, or nobody knows which weights it holds: its worker has to be replaced."""


class Engine:
    """One AsyncLLM that plays many episodes at once. `sampled_at` is when it last gave tokens, by time.monotonic."""

    def __init__(self, engine: Any, ends: Collection[int], accelerator: str):
        self._engine = engine
        self._ends = sorted(ends)
        self._loads = 0
        self._accelerator = accelerator
        self._ids = itertools.count()
        self.sampled_at = time.monotonic()

    @classmethod
    def start(
        cls,
        model: str,
        config: EngineConfig,
        max_tokens: int,
        ends: Collection[int],
        accelerator: str,
        dtype: Precision,
        shares_gpu: bool = False,
    ) -> Engine:
        """Load the model and warm up (blocking: 10 to 20 s on a CPU). Each of the tokens `ends` ends a turn.

        Raises:
            UserError: the model's context is shorter than `max_tokens`, or vLLM refuses the model or its options.
        """
        if accelerator == "cpu":
            os.environ["VLLM_CPU_OMP_THREADS_BIND"] = "nobind"
        from vllm import AsyncEngineArgs
        from vllm.v1.engine.async_llm import AsyncLLM

        known = [field.name for field in dataclasses.fields(AsyncEngineArgs)]
        if (unknown := next((name for name in config.options if name not in known), None)) is not None:
            near = difflib.get_close_matches(unknown, known, n=1)
            meant = f"did you mean '{near[0]}'?" if near else "leave it out"
            raise UserError(f"rollout.engine.options.{unknown}: vLLM's AsyncEngineArgs has no such argument; {meant}")
        arguments = AsyncEngineArgs(
            model=model,
            skip_tokenizer_init=True,
            dtype=dtype,
            max_model_len=max_tokens,
            max_num_seqs=config.max_num_seqs,
            worker_extension_cls=f"{__name__}.{WorkerExtension.__name__}",
            # What is recorded is the distribution that tokens were drawn from, temperature included.
            logprobs_mode="processed_logprobs",
            disable_log_stats=True,
            **(options_for(accelerator, config, max_tokens, shares_gpu) | config.options),
        )
        try:
            return cls(AsyncLLM.from_engine_args(arguments), ends, accelerator)
        except ValueError as error:
            if (shorter := _SHORTER_CONTEXT.search(str(error))) is not None:
                what = f"{shorter[1]} tokens are more than the model {model} can read ({shorter[2]})"
                raise UserError(f"rollout.max_tokens, or that of a suite: {what}") from error
            told = first_mistake(error) if isinstance(error, pydantic.ValidationError) else str(error)
            raise UserError(f"model.path, rollout.engine: vLLM refuses {model}: {' '.join(told.split())}") from error

    async def sample(self, tokens: Sequence[int], max_tokens: int, temperature: float, seed: int) -> tuple[list[int], list[float]]:
        """Continue the tokens by one turn: its tokens, and their log-probabilities in nats. Temperature 0 is greedy.

        Raises:
            InfrastructureError: the engine failed, or ended the request itself.
        """
        from vllm import SamplingParams
        from vllm.sampling_params import RequestOutputKind

        parameters = SamplingParams(
            temperature=temperature,
            max_tokens=max_tokens,
            seed=seed if temperature > 0 else None,
            stop_token_ids=self._ends,
            ignore_eos=True,  # else vLLM adds the model's own ones, which `_ends` has already
            logprobs=0,
            detokenize=False,
            output_kind=RequestOutputKind.DELTA,
            stream_interval=_TOLD,
        )
        # The salt keeps a prefix that was computed with older weights from being used again.
        prompt = {"prompt_token_ids": list(tokens), "cache_salt": str(self._loads)}
        parts: list[Any] = []
        try:
            async for output in self._engine.generate(prompt, parameters, request_id=str(next(self._ids))):
                self.sampled_at = time.monotonic()
                parts += output.outputs
        except Exception as error:
            raise InfrastructureError(f"the engine failed: {type(error).__name__}: {error}") from error
        if (ended := parts[-1].finish_reason if parts else None) not in ("stop", "length"):
            raise InfrastructureError(f"the engine ended a request with {ended!r}")
        sampled = [token for part in parts for token in part.token_ids]
        places = itertools.chain.from_iterable(part.logprobs for part in parts)
        logprobs = [place[token].logprob for place, token in zip(places, sampled, strict=True)]
        return sampled, logprobs

    def check(self) -> None:
        """Raises:
        EngineDead: it is.
        """
        if self._engine.errored:
            raise EngineDead(f"the engine died: {self._engine.dead_error}")

    async def load_folder(self, folder: str) -> None:
        """Raises:
        EngineDead: it is, or the load ended halfway.
        """
        await self._have_workers("reload_weights", weights_path=folder)
        if self._accelerator == "cpu":
            await self._have_workers("repack_heads")
        self._loads += 1  # not before: what is sent until now may be read with the older weights, and is of their version

    async def _have_workers(self, method: str, **arguments: Any) -> None:
        """Call a method of vLLM's worker processes. vLLM itself never answers a call during which they die."""
        answer = asyncio.ensure_future(self._engine.collective_rpc(method, kwargs=arguments))
        try:
            while not (await asyncio.wait([answer], timeout=_LOOK_S))[0]:
                self.check()
            answer.result()
        except EngineDead:
            raise
        except Exception as error:
            raise EngineDead(f"the engine failed to {method}: {type(error).__name__}: {error}") from error
        finally:
            answer.cancel()
        self.check()

    def close(self) -> None:
        self._engine.shutdown()


def why_not_started(output: str, accelerator: str) -> Exception | None:
    """What an engine's own process printed when it could not start, as what it is; None where it said nothing. What the parent raises
    does not tell."""
    if (found := next(reversed(_RAISED.findall(output)), None)) is None:
        return None
    if _NO_ROOM.search(found) is None:
        return InfrastructureError(f"the engine did not start: {found}")
    knobs = {"cpu": "a larger kv_cache_gb", "cuda": "another gpu_memory_utilization, more tensor_parallel"}[accelerator]
    told = _OTHER_ADVICE.split(found.partition(": ")[2])[0].rstrip(". ")
    return UserError(f"rollout.engine: {told}; {knobs} or a smaller rollout.max_tokens is expected")


def gpu_share(config: EngineConfig, shares_gpu: bool) -> float:
    """How much of a GPU's memory an engine takes."""
    return config.gpu_memory_utilization or (0.3 if shares_gpu else 0.9)


def options_for(accelerator: str, config: EngineConfig, max_tokens: int, shares_gpu: bool = False) -> dict[str, Any]:
    """The arguments of vLLM that depend on the hardware, and on whether a learner is on the same GPU."""
    if accelerator == "cpu":
        memory = int((config.kv_cache_gb or 2) * 2**30)
        return {**_CPU_DEFAULTS, "max_num_batched_tokens": max(4096, max_tokens), "kv_cache_memory_bytes": memory}
    # Of tokens a step vLLM would read as many as a server of one request does: it has no default of the hardware for this entry point.
    options: dict[str, Any] = {"gpu_memory_utilization": gpu_share(config, shares_gpu), "max_num_batched_tokens": 8192}
    if config.tensor_parallel > 1:
        # In a placement group vLLM would start Ray workers of its own, and refuses bundles of several GPUs for these.
        options |= {"tensor_parallel_size": config.tensor_parallel, "distributed_executor_backend": "mp"}
    return options
