"""Every knob of a run: frozen models, read from YAML, changed by dotted overrides.

The sections of the stages that train are in `raytool.config.training`, that of playing in `raytool.config.rollout`. Sizes are in
tokens, episodes, GiB or seconds as the name says.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
import yaml
from pydantic import AfterValidator, Field, NonNegativeInt, PositiveFloat, PositiveInt

from raytool import places, plugins
from raytool.config.rollout import EngineConfig, RolloutConfig
from raytool.config.training import PPOConfig, SFTConfig
from raytool.dialects import DIALECTS
from raytool.sections import NonNegative, Section, Share, flatten, parse, read

LocalPath = Annotated[Path, AfterValidator(places.local)]


def _dialect(name: str) -> str:
    if name not in (*DIALECTS, "template", "auto") and ":" not in name and not plugins.known(name, "raytool.dialects"):
        raise ValueError(f"'{name}' given; one of {', '.join(DIALECTS)}, template, auto or module:Class is expected")
    return name


class ModelConfig(Section):
    path: str = Field(
        "smollm2-135m-instruct", description="the embedded model, a Hugging Face folder, or a hub id, with @revision if you like"
    )
    dialect: Annotated[str, AfterValidator(_dialect)] = Field(
        "python",
        description=f"how calls are written: {', '.join(DIALECTS)}, or a plug-in of yours, module:Class; template: as the model's chat "
        "template shows tools and writes calls; auto, of an evaluation by itself: template where that shows tools, else python",
    )
    prompting: Literal["base", "cot", "react", "rank"] = Field(
        "base",
        description="cot: the model thinks first, and a call comes after a line 'Answer:'; react: the dialect of that name; "
        "rank: where generate_response is offered, a line that ranks the tools comes first (docs/tool_evolution.md)",
    )
    dtype: Literal["auto", "bfloat16", "float32"] = Field(
        "auto",
        description="what learner and engines compute in; auto: bfloat16 where the hardware multiplies them, else float32. The learner's "
        "master weights, and what checkpoints hold of them, are float32 either way",
    )
    chat_template: LocalPath | None = Field(
        None, description="a Jinja file, in place of the tokenizer's own template; configs/chat_templates/plain.jinja for a base model"
    )
    template_options: dict[str, Any] = Field({}, description="variables for the chat template, e.g. {enable_thinking: false} for Qwen3")
    parameter_descriptions: bool = Field(True, description="whether prompts describe each parameter of a tool")
    description_limit: int | None = Field(None, ge=0, description="cut a tool's description to so many characters; 0: none is shown")
    parameters: bool = Field(True, description="whether prompts show the parameters of a tool; without them, what it is called and does")

    @pydantic.model_validator(mode="before")
    @classmethod
    def _by_prompting(cls, content: Any) -> Any:
        if isinstance(content, dict) and content.get("prompting") == "react":
            return {"dialect": "react", **content}
        return content

    @pydantic.model_validator(mode="after")
    def _check(self) -> ModelConfig:
        if self.prompting == "react" and self.dialect != "react":
            raise ValueError(f"prompting: 'react' is the dialect 'react', and dialect '{self.dialect}' is given; leave one of them out")
        if not self.parameters and not self.parameter_descriptions:
            raise ValueError("parameter_descriptions: has no effect with parameters false, which shows none; leave it out")
        return self

    def prompt(self) -> dict[str, Any]:
        """The knobs that say how the model is asked: all but where it is, what it is computed in, and what its tokenizer holds."""
        return self.model_dump(mode="json", exclude={"path", "dtype", "chat_template"})


class SourceConfig(Section):
    """Where tasks come from."""

    name: str = Field(description="how tables and tags call it")
    source: str = Field(description="a .jsonl or .parquet file, or a plug-in string of a function that returns tasks")
    options: dict[str, Any] = Field({}, description="keyword arguments of that function")
    share: NonNegative = Field(1.0, description="weight among the sources of PPO's draws; 0: none of its tasks are drawn")
    demonstrations: int | None = Field(None, ge=0, description="at most so many of its tasks are demonstrated in SFT; null: all")
    phase: int = Field(0, ge=0, description="SFT is done with the demonstrations of a phase before it begins those of a higher one")
    noise: Share = Field(0.0, description="share of these demonstrations in which an error is made, executed and repaired")

    trajectories: LocalPath | None = Field(
        None, description="a folder that `raytool.tasks demonstrate` wrote: demonstrations are what is there of these tasks, and not gold"
    )

    @pydantic.model_validator(mode="after")
    def _check(self) -> SourceConfig:
        if self.trajectories is not None and (self.noise or self.demonstrations == 0):
            what = "noise: has no effect on" if self.noise else "demonstrations: 0 leaves nothing of"
            raise ValueError(f"{what} trajectories; leave one of the two out")
        for name in ("noise", "phase"):
            if getattr(self, name) and self.demonstrations == 0:
                raise ValueError(f"{name}: has no effect without demonstrations; leave it out")
        return self


class TasksConfig(Section):
    train: tuple[SourceConfig, ...] = Field(min_length=1)
    test: tuple[SourceConfig, ...] = ()
    overlap: Literal["refuse", "warn"] = Field(
        "refuse", description="test tasks with the query, in the same state, or the gold of a training task: what becomes of the run"
    )
    overlong: Literal["refuse", "leave_out"] = Field(
        "refuse",
        description="tasks to be played whose prompt leaves no room for an answer in rollout.max_tokens; leave_out: count them",
    )

    @pydantic.model_validator(mode="after")
    def _check(self) -> TasksConfig:
        for number, source in enumerate(self.test):
            for name in ("noise", "phase", "trajectories", "demonstrations", "share"):
                if getattr(source, name) != SourceConfig.model_fields[name].default:
                    raise ValueError(f"test.{number}.{name}: has no effect, test tasks are played once each; leave it out")
        for part in ("train", "test"):
            names = [source.name for source in getattr(self, part)]
            if twice := next((name for name in names if names.count(name) > 1), None):
                raise ValueError(f"{part}: there are two sources '{twice}', which tables could not tell apart")
        return self


class RewardConfig(Section):
    name: str = Field("rewards.tl_training:TLTraining", description="plug-in string of a reward")
    options: dict[str, Any] = Field({}, description="of TLTraining: rewards, outcome, compare, categories (docs/rewards.md)")
    workers: PositiveInt = Field(1, description="processes that score episodes")
    limit_s: PositiveFloat = Field(300.0, description="time limit for the scores of 16 episodes, at which a worker has no others")
    cpus: NonNegative = Field(0, description="of each worker; above 0 a cluster's autoscaler makes room for them")


class LoRAConfig(Section):
    """Low-rank adapters (Hu et al. 2022): W + alpha / rank B A is trained through A and B, and W is frozen. There is no dropout: pi_old
    would not be the policy that is trained."""

    rank: PositiveInt = Field(16, description="of A and B")
    alpha: PositiveInt = Field(32, description="alpha / rank scales what they add")
    targets: Literal["all-linear"] | tuple[str, ...] = Field(
        "all-linear", description="which layers: names such as [q_proj, v_proj], or every linear layer but the output's"
    )

    @pydantic.field_validator("targets", mode="before")
    @classmethod
    def _names(cls, given: Any) -> Any:
        if given != "all-linear" and not (isinstance(given, list | tuple) and given and all(isinstance(name, str) for name in given)):
            raise ValueError(f"{given!r} given; 'all-linear' or a list of names is expected, e.g. [q_proj, v_proj]")
        return given


class LearnerConfig(Section):
    lora: LoRAConfig | None = Field(None, description="null: all weights are trained; {}: adapters, with the defaults below")
    ranks: PositiveInt = Field(1, description="processes that share the model, its optimiser and the batch; on CUDA each has a GPU")
    cpus: PositiveInt | None = Field(None, description="Ray's CPUs of each rank, and so its threads; null: one, and see threads")
    threads: PositiveInt | None = Field(None, description="CPU threads of each rank; null: all cores divided by the ranks of this machine")
    share_gpu: Literal["auto", True, False] = Field(
        "auto",
        description="CUDA only: one rank and one rollout worker have a GPU between them; auto: on a machine with one, not on a Ray cluster",
    )
    labels: dict[str, str] = Field(
        {},
        description="on a Ray cluster: of the nodes that ranks are put on, as it names them to Ray, e.g. {raytool/pool: on-demand}",
    )
    microbatch_tokens: PositiveInt = Field(2048, description="tokens of one forward and backward pass, none of them padding")
    activation_checkpointing: bool = Field(False, description="compute activations again for the backward pass: less memory, more work")
    step_limit_s: PositiveFloat = Field(1800.0, description="time limit of one update or publish")
    checkpoint_limit_s: PositiveFloat = Field(7200.0, description="time limit of writing a checkpoint, or reading one")


class WeightSyncConfig(Section):
    method: Literal["auto", "shared_memory", "object_store"] = Field(
        "auto",
        description="shared_memory: a folder that learner and engines share; object_store: Ray's, for machines that share none, each of "
        "which then keeps weights in a folder of its own; auto: the latter on a Ray cluster where no directory is named",
    )
    directory: LocalPath | None = Field(None, description="that folder; null: /dev/shm")


class CheckpointConfig(Section):
    every: PositiveInt = Field(5, description="PPO updates between checkpoints")
    in_sft: NonNegativeInt = Field(1, description="checkpoints inside an SFT, evenly spaced; at its end there is one in any case")
    in_sft_s: PositiveFloat | None = Field(
        3600.0, description="and one whenever an SFT's steps have taken so many seconds since the last; null: none"
    )
    keep: PositiveInt = Field(2, description="newest checkpoints of a stage that stay")


class SuiteConfig(Section):
    """A benchmark, or a part of it."""

    suite: str = Field(description="its name, or a plug-in string of a Suite")
    label: str | None = Field(
        None,
        pattern=r"^\w[\w +-]*$",
        description="what it is called in files and figures, e.g. where a suite is asked twice with other options; null: its name",
    )
    data: LocalPath | None = Field(None, description="its files; null: those that `python -m raytool.evaluate fetch` got")
    only: tuple[str, ...] = Field((), description="values of the suite's first group")
    limit: PositiveInt | None = Field(None, description="at most so many samples of each of them, drawn by seed")
    seed: int | None = Field(None, ge=0, description="draws the samples of a limit; null: the run's")
    max_tokens: PositiveInt | None = Field(None, description="of a conversation, in a training; null: the suite's own limit")
    options: dict[str, Any] = Field({}, description="the suite's own, e.g. tools: 9 of scenarios")

    @pydantic.model_validator(mode="after")
    def _check(self) -> SuiteConfig:
        if self.seed is not None and self.limit is None:
            raise ValueError("seed: has no effect without a limit; leave it out")
        return self


class EvaluateConfig(Section):
    """What an evaluation in training plays beside the test tasks, and how often there is one."""

    every: PositiveInt | None = Field(None, description="PPO updates between evaluations inside PPO; null: none but the stages")
    in_sft: NonNegativeInt = Field(0, description="evaluations inside an SFT, evenly spaced")
    inside: tuple[str, ...] | None = Field(
        None, description="labels of the suites that evaluations inside a stage ask, beside the test tasks; null: all of them"
    )
    suites: tuple[SuiteConfig, ...] = ()

    @pydantic.model_validator(mode="after")
    def _check(self) -> EvaluateConfig:
        if self.inside is not None and self.every is None and self.in_sft == 0:
            raise ValueError("inside: has no effect without every or in_sft; leave it out")
        return self


class LoggingConfig(Section):
    tensorboard: bool = Field(True, description="write a run's figures for TensorBoard")
    wandb_project: str | None = Field(None, description="and to this project of Weights & Biases; needs the package wandb")


Stage = Literal["evaluate", "sft", "ppo"]
# What has checkpoints and evaluations made inside a stage, and so an effect in this stage only.
INSIDE: Mapping[Stage, Sequence[tuple[str, str]]] = {
    "sft": (("checkpoint", "in_sft"), ("checkpoint", "in_sft_s"), ("evaluate", "in_sft")),
    "ppo": (("checkpoint", "every"), ("evaluate", "every")),
}


class Config(Section):
    name: str | None = Field(None, description="the run's folder under `runs`; null: the config file's name and the next free number")
    runs: LocalPath = Field(Path("runs"), description="inside a Ray job, relative to RAYTOOL_HOME, or ~/raytool")
    seed: int = Field(0, ge=0, description="of draws, sampling and new weights")
    resume: Literal[False, True, "auto"] = Field(
        False,
        description="go on with the newest run of this name; auto: with the run that has just this name, or begin it if there is none",
    )
    restarts: NonNegativeInt = Field(
        1,
        description="times that a run goes on by itself after infrastructure failed (a lost learner); counted anew with each checkpoint",
    )
    accelerator: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto: cuda where Ray has GPUs at the start, else cpu")
    reserve_limit_s: PositiveFloat = Field(900.0, description="time limit of reserving what all workers need; a cluster may have to grow")
    stages: tuple[Stage, ...] = Field(
        ("evaluate", "sft", "evaluate", "ppo", "evaluate"), description="what is done, in this order: evaluate, sft, ppo"
    )
    model: ModelConfig = ModelConfig()
    tasks: TasksConfig
    reward: RewardConfig = RewardConfig()
    sft: SFTConfig = SFTConfig()
    ppo: PPOConfig = PPOConfig()
    rollout: RolloutConfig = RolloutConfig()
    learner: LearnerConfig = LearnerConfig()
    weight_sync: WeightSyncConfig = WeightSyncConfig()
    checkpoint: CheckpointConfig = CheckpointConfig()
    evaluate: EvaluateConfig = EvaluateConfig()
    logging: LoggingConfig = LoggingConfig()

    @pydantic.model_validator(mode="before")
    @classmethod
    def _no_experiment(cls, content: Any) -> Any:
        if isinstance(content, dict) and {"base", "rows"} <= content.keys():
            raise ValueError("this is an experiment of several rows, which `python -m raytool.ablation` runs")
        return content

    @pydantic.model_validator(mode="after")
    def _check(self) -> Config:
        check_accelerator(self.accelerator, self.rollout.engine, self.learner)
        if self.learner.share_gpu is True and not self.learner.ranks == self.rollout.workers == self.rollout.engine.tensor_parallel == 1:
            raise ValueError("learner.share_gpu: is for one rank, one rollout worker and tensor_parallel 1; leave it out")
        if self.learner.share_gpu is True and self.learner.labels != self.rollout.labels:
            raise ValueError("learner.share_gpu: learner.labels and rollout.labels differ, and one GPU is on one node; leave it out")
        longest, turn = self.rollout.max_tokens, self.rollout.turn_tokens
        if turn > longest:
            raise ValueError(f"rollout.max_tokens: {longest} for an episode is less than rollout.turn_tokens, {turn} for one turn of it")
        if self.resume == "auto" and not self.name:
            raise ValueError("resume: 'auto' finds a run by its name; give one, e.g. name=mine")
        if self.model.dialect == "auto":
            raise ValueError("model.dialect: 'auto' is for an evaluation by itself; name a dialect, or 'template'")
        if "evaluate" in self.stages and not self.tasks.test and not self.evaluate.suites:
            raise ValueError("tasks.test: the stage 'evaluate' needs test tasks, or evaluate.suites")
        for stage, knobs in INSIDE.items():
            for section, name in knobs:
                part: Section = getattr(self, section)
                if stage not in self.stages and getattr(part, name) != type(part).model_fields[name].default:
                    raise ValueError(f"{section}.{name}: has no effect without the stage '{stage}'; leave it out")
        if self.sft.tokens is not None and len({source.phase for source in self.tasks.train}) > 1:
            raise ValueError("sft.tokens: counts through one phase, and tasks.train has several; give sft.epochs instead")
        if "ppo" in self.stages and not any(source.share for source in self.tasks.train):
            raise ValueError("tasks.train: every share is 0, which leaves PPO nothing to draw from")
        for kind in ("sft", "ppo"):
            if self.stages.count(kind) > 1:
                raise ValueError(f"stages: '{kind}' stands there {self.stages.count(kind)} times; once is expected")
        return self


class PlayConfig(Section):
    """A model that is played and not trained, by `raytool.evaluate` and `raytool.tasks`: which, how, and on what."""

    accelerator: Literal["auto", "cpu", "cuda"] = "auto"
    reserve_limit_s: PositiveFloat = Field(900.0, description="time limit of reserving what all workers need; a cluster may have to grow")
    seed: int = Field(0, ge=0)
    model: ModelConfig = ModelConfig()
    rollout: RolloutConfig = RolloutConfig()

    @pydantic.model_validator(mode="after")
    def _check(self) -> PlayConfig:
        check_accelerator(self.accelerator, self.rollout.engine)
        return self


def check_accelerator(accelerator: str, engine: EngineConfig, learner: LearnerConfig | None = None) -> None:
    """Raises:
    ValueError: a knob that has no effect on this accelerator.
    """
    if accelerator == "cpu" and engine.gpu_memory_utilization is not None:
        raise ValueError("rollout.engine.gpu_memory_utilization: has no effect with accelerator 'cpu'; leave it out")
    if accelerator == "cpu" and engine.tensor_parallel > 1:
        raise ValueError(f"rollout.engine.tensor_parallel: {engine.tensor_parallel} has no effect with accelerator 'cpu'; leave it out")
    if accelerator == "cpu" and learner is not None and learner.share_gpu != "auto":
        raise ValueError("learner.share_gpu: has no effect with accelerator 'cpu'; leave it out")
    if accelerator == "cuda" and engine.kv_cache_gb is not None:
        raise ValueError("rollout.engine.kv_cache_gb: has no effect with accelerator 'cuda'; leave it out")


def load(path: Path, overrides: list[str]) -> Config:
    """A training's config out of a YAML file.

    Raises:
        ConfigError: a line for each mistake.
    """
    return read(Config, path, overrides)


def stored(path: Path, overrides: Sequence[str] = ()) -> Config:
    """The config that a run began with. What an earlier version wrote of the insides of stages that the run has not is left out.

    Raises:
        ConfigError: a line for each mistake.
        OSError: it cannot be read.
    """
    content = yaml.safe_load(path.read_text())
    return parse(Config, within(content, content.get("stages")) if isinstance(content, dict) else content, str(path), overrides)


def within(content: Mapping[str, Any], stages: Any) -> dict[str, Any]:
    """A config's content without what it says of checkpoints and evaluations inside of other stages than these."""
    left: dict[str, Any] = copy.deepcopy(dict(content))
    there = stages if isinstance(stages, list) else Config.model_fields["stages"].default
    dropped = set()
    for section, name in (knob for stage, knobs in INSIDE.items() if stage not in there for knob in knobs):
        if isinstance(left.get(section), dict) and left[section].pop(name, None):
            dropped.add(section)
    if "evaluate" in dropped and not left["evaluate"].get("every") and not left["evaluate"].get("in_sft"):
        left["evaluate"].pop("inside", None)
    return left


def dump(config: Config) -> str:
    return yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False)


def forbidden_changes(old: Config, new: Config) -> list[str]:
    """Dotted names of the knobs that differ and that a resume cannot change."""
    before, after = decisive(old), decisive(new)
    return sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))


def decisive(config: Config, changed: bool = False) -> dict[str, Any]:
    """The knobs that decide which episodes there are and what is learnt from them, by dotted name; or those of them that were changed."""
    every = flatten(config.model_dump(mode="json", exclude_defaults=changed))
    return {key: value for key, value in every.items() if decides(key)}


def decides(key: str) -> bool:
    """Whether a knob, by its dotted name, is one of the `decisive`."""
    return not any(key == name or key.startswith(name + ".") for name in _CHANGEABLE)


# What a resumed run may change: where things are, how much is done at once, in how much memory and in which time. How many tokens a pass
# has, how many ranks share it, or how many requests a step of the engine has, changes figures by the rounding of a sum's order, as another
# machine does.
_CHANGEABLE = (
    "resume",
    "runs",
    "name",
    "restarts",
    "reserve_limit_s",
    "rollout.workers",
    "rollout.least_workers",
    "rollout.cpus",
    "rollout.labels",
    "rollout.stall_limit_s",
    "rollout.tool_host",
    "rollout.engine.max_num_seqs",
    "rollout.engine.kv_cache_gb",
    "rollout.engine.gpu_memory_utilization",
    "rollout.engine.start_limit_s",
    "rollout.engine.load_limit_s",
    "reward.workers",
    "reward.cpus",
    "reward.limit_s",
    "checkpoint",
    "evaluate",
    "tasks.overlap",
    "logging",
    "weight_sync",
    "learner.ranks",
    "learner.cpus",
    "learner.threads",
    "learner.share_gpu",
    "learner.labels",
    "learner.microbatch_tokens",
    "learner.activation_checkpointing",
    "learner.step_limit_s",
    "learner.checkpoint_limit_s",
)
