"""Key tokens: what it takes to weigh demonstrations of the suite, and what comes of it, by dialect.

    .venv/bin/python -m bench.key_tokens
    .venv/bin/python -m bench.key_tokens --only python hermes --each 10 --tools 5

`ms` is this process's processor time for one demonstration, all its turns; a run does it once, however many epochs follow. `keys` are
the key tokens of a call, `weight` is the mean over all tokens that carry loss.
"""

from __future__ import annotations

import argparse
import asyncio
import time

from transformers import AutoTokenizer

from envs import suite
from raytool import dialects, plugins, pretrained
from raytool.console import Console
from raytool.dialects import DIALECTS
from raytool.methods.key_tokens import KeyTokens
from raytool.records import Episode, Task
from raytool.rollout.chat import Chat
from raytool.rollout.demonstrate import Demonstrator
from raytool.rollout.in_process import InProcess


async def shown(chat: Chat, tasks: list[Task]) -> list[Episode]:
    async def opened(task: Task) -> InProcess:
        return InProcess(plugins.make_env(task.env), task)

    demonstrator = Demonstrator(chat, opened, observation_characters=400)
    return [await demonstrator.gold(task, group) for group, task in enumerate(tasks)]


def cells(key_tokens: KeyTokens, episodes: list[Episode]) -> tuple[str, ...]:
    began = time.process_time()
    weights = list(map(key_tokens.weights, episodes))
    took = (time.process_time() - began) / len(episodes)
    keys = [len(call.keys) for episode in episodes for call in key_tokens.calls(episode)]
    mean = sum(map(sum, weights)) / sum(sum(episode.loss_mask) for episode in episodes)
    return f"{len(episodes)}", f"{len(keys) / len(episodes):.2f}", f"{sum(keys) / len(keys):.2f}", f"{mean:.2f}", f"{took * 1e3:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="+", choices=DIALECTS, default=list(DIALECTS))
    parser.add_argument("--each", type=int, default=29, help="tasks of each of the seven scenarios")
    parser.add_argument("--tools", type=int, default=9, help="tools offered beside the control tools")
    options = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(pretrained.resolve(pretrained.EMBEDDED))
    tasks = suite.tasks("train", tools=options.tools, count=options.each)
    rows = {}
    for name in options.only:
        chat = Chat(tokenizer, dialects.make(name))
        episodes = asyncio.run(shown(chat, tasks))
        rows |= {f"{name}, {rule}": cells(KeyTokens(chat, rule, cap=9.0), episodes) for rule in ("paper", "code")}
    Console().table("key tokens", ("demonstrations", "calls", "keys", "weight", "ms"), rows)


if __name__ == "__main__":
    main()
