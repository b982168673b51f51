"""How episodes are played: the rollout workers, their engines, and the processes in which tools run."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pydantic
from pydantic import Field, PositiveFloat, PositiveInt

from raytool.sections import Section, Share

# Arguments of vLLM that a knob decides, and those that the rest of raytool relies on.
_OTHER_KNOBS = {
    "model": "model.path",
    "revision": "model.path=OWNER/NAME@REVISION",
    "dtype": "model.dtype",
    "max_model_len": "rollout.max_tokens",
    "max_num_seqs": "rollout.engine.max_num_seqs",
    "gpu_memory_utilization": "rollout.engine.gpu_memory_utilization",
    "tensor_parallel_size": "rollout.engine.tensor_parallel",
}
_NO_KNOBS = {
    *("skip_tokenizer_init", "worker_extension_cls", "logprobs_mode", "disable_log_stats"),
    *("pipeline_parallel_size", "data_parallel_size", "distributed_executor_backend"),
}


class EngineConfig(Section):
    """vLLM."""

    max_num_seqs: PositiveInt = Field(64, description="requests decoded at once")
    kv_cache_gb: PositiveFloat | None = Field(
        None, description="CPU only; null: 2 GiB. What long conversations need beyond it is read anew at every turn"
    )
    gpu_memory_utilization: Share | None = Field(None, description="CUDA only; null: 0.9, or 0.3 where a learner is on the same GPU")
    tensor_parallel: PositiveInt = Field(1, description="CUDA only: GPUs of one engine, all of one machine")
    start_limit_s: PositiveFloat = Field(600.0, description="time limit of a worker's start, before which its node may have to start")
    load_limit_s: PositiveFloat = Field(600.0, description="time limit of an engine's load of published weights")
    options: dict[str, Any] = Field({}, description="further arguments of vLLM's AsyncEngineArgs")

    @pydantic.model_validator(mode="after")
    def _check(self) -> EngineConfig:
        for name in self.options:
            if name in _OTHER_KNOBS:
                raise ValueError(f"options.{name}: give {_OTHER_KNOBS[name]} instead")
            if name in _NO_KNOBS:
                raise ValueError(f"options.{name}: is set by raytool itself; leave it out")
        return self


class ToolHostConfig(Section):
    processes: PositiveInt = Field(1, description="tool hosts per rollout worker; each executes one call at a time")
    call_limit_s: PositiveFloat = Field(10.0, description="time limit of one tool call")
    start_limit_s: PositiveFloat = Field(60.0, description="time limit of a start, and of rebuilding an environment")
    memory_gb: PositiveFloat = Field(4.0, description="address space of one host")
    isolation: Literal["auto", "bubblewrap", "none"] = Field("auto", description="auto: bubblewrap where it works")
    allow_unisolated: bool = Field(False, description="run code that a model wrote even where bubblewrap does not work")
    network: bool = Field(False, description="isolated tools may reach the network, and this machine's own ports")
    readable: tuple[Path, ...] = Field((), description="absolute paths that isolated tools may read, beside Python and the project")
    variables: tuple[str, ...] = Field((), description="names of environment variables that tools get as their rollout worker has them")

    @pydantic.model_validator(mode="after")
    def _check(self) -> ToolHostConfig:
        for knob in ("network", "readable"):
            if getattr(self, knob) and self.isolation == "none":
                raise ValueError(f"{knob}: has no effect with isolation 'none', where nothing keeps tools from it; leave it out")
        if relative := [str(path) for path in self.readable if not path.is_absolute()]:
            raise ValueError(f"readable: '{relative[0]}' is relative; an absolute path is expected")
        return self


class RolloutConfig(Section):
    workers: PositiveInt = Field(1, description="rollout workers; each has an engine of its own")
    least_workers: PositiveInt | None = Field(
        None, description="so many of them have to be there at the start, the others join when the cluster has room for them; null: all"
    )
    cpus: PositiveInt | None = Field(None, description="Ray's CPUs of each worker, as learner.cpus")
    labels: dict[str, str] = Field({}, description="of the nodes that workers are put on, as learner.labels")
    max_turns: PositiveInt = Field(8, description="an environment's own limit holds where it is lower")
    max_tokens: PositiveInt = Field(4096, description="of an episode, prompt and observations included")
    turn_tokens: PositiveInt = Field(512, description="of one assistant turn; a model that thinks needs more")
    observation_characters: PositiveInt = Field(2000, description="what a tool says is cut to so many for the model")
    attempts: PositiveInt = Field(3, description="how often an episode is played when infrastructure fails")
    stall_limit_s: PositiveFloat = Field(600.0, description="a worker that has tasks and samples nothing for so long is replaced")
    engine: EngineConfig = EngineConfig()
    tool_host: ToolHostConfig = ToolHostConfig()

    @pydantic.model_validator(mode="after")
    def _check(self) -> RolloutConfig:
        if self.least_workers is not None and self.least_workers > self.workers:
            raise ValueError(f"least_workers: {self.least_workers} is more than workers, {self.workers}")
        return self

    @property
    def reserved(self) -> int:
        """The workers that have to be there at the start."""
        return self.workers if self.least_workers is None else self.least_workers
