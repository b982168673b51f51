"""Episodes without a model and without a tool host: an environment of this process, and a token for each character."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from raytool import plugins
from raytool.env import ToolEnv
from raytool.records import Feedback, FollowUp, Task
from raytool.rollout.episode import InfrastructureError, Step


class InProcess:
    """A ToolEnv of this process as the turn loop sees it (an EnvironmentHandle). For tools that may be trusted."""

    def __init__(self, env: ToolEnv, task: Task):
        self._env, self.max_turns = env, env.max_turns
        env.reset(options={"task": task})

    async def step(self, action: str) -> Step:
        """Raises:
        InfrastructureError: the environment is defective.
        """
        try:
            _, reward, ended, _, info = self._env.step(action)
        except (Exception, SystemExit) as error:
            raise InfrastructureError(f"environment defect: {plugins.raised(error)}") from error
        feedback = [Feedback(value) for value in info["feedback"]]
        follow_up = FollowUp(**info["follow_up"]) if "follow_up" in info else None
        return Step(info["observations"], feedback, reward, ended, info.get("finished", False), info.get("goal_reached"), follow_up)

    async def goal_reached(self) -> bool | None:
        return self._env.judged(None)

    async def close(self) -> None:
        """The environment stays, to be reset for the next task."""


class CharacterTokenizer:
    """A token per character, with the chat template `<role>content END newline`."""

    chat_template = "<role>content"
    eos_token = "\x03"
    eos_token_id = ord(eos_token)
    all_special_tokens = (eos_token,)

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]:
        return [ord(character) for character in text]

    def decode(self, token_ids: Sequence[int], *, skip_special_tokens: bool) -> str:
        return "".join(map(chr, token_ids))

    def convert_tokens_to_ids(self, token: str) -> int:
        return ord(token)

    def apply_chat_template(self, conversation: list[dict[str, str]], *, tokenize: bool, add_generation_prompt: bool) -> Any:
        messages = "".join(f"<{message['role']}>{message['content']}{self.eos_token}\n" for message in conversation)
        return messages + "<assistant>" * add_generation_prompt
