"""The tool host: a process that holds many environments and executes their tools, one request at a time.

Requests and replies are JSON lines on the process's own pipes, which tools cannot reach: file descriptor 1 is the log
from the start. An environment's state is its task's seed plus the journal of its actions, so a host can be rebuilt.

    {"op": "describe", "env": "envs.office:Office"}  ->  {"process_per_episode": false}
    {"op": "open", "id": 7, "env": "envs.office:Office", "task": {...}, "journal": [action, ...]}  ->  {"max_turns": 8}
    {"op": "step", "id": 7, "action": action, "calls": 2}  ->  observations, feedback, reward, ended, finished, goal_reached,
                                                   follow_up ({"query", "tools"}, or null)
    {"op": "goal", "id": 7}                    ->  {"goal_reached": true}
    {"op": "close", "id": 7}                   ->  {}

A defect of an environment (an exception that is not the model's doing) is answered as {"defect": a line, and the traceback}, what
only the user can mend (a UserError) as {"refused": text}. Where the host's memory is full, by this environment or by others, the
environment is dropped and {"full": true} answered.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import traceback
from typing import IO, Any

import gymnasium
import pydantic

from raytool import plugins
from raytool.env import ToolEnv
from raytool.records import Task, UserError


class Environments:
    """The environments of one host by id."""

    def __init__(self) -> None:
        self._live: dict[int, gymnasium.Env[str, str]] = {}
        self._task = pydantic.TypeAdapter(Task)

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        match request["op"]:
            case "describe":
                described = plugins.make_env(request["env"]).unwrapped
                return {"process_per_episode": isinstance(described, ToolEnv) and described.process_per_episode}
            case "open":
                task = self._task.validate_python(request["task"])
                env = self._live[request["id"]] = plugins.make_env(request["env"])
                try:
                    env.reset(seed=task.seed, options={"task": task})
                    for action in request["journal"]:
                        env.step(action)
                except Exception:
                    self.drop(request)
                    raise
                inner = env.unwrapped
                return {"max_turns": inner.max_turns if isinstance(inner, ToolEnv) else (env.spec and env.spec.max_episode_steps)}
            case "step":
                observation, reward, terminated, truncated, info = self._live[request["id"]].step(request["action"])
                calls = request["calls"]
                # An environment that is no ToolEnv has one observation for all calls of a turn.
                said = {"observations": [observation] + [""] * (calls - 1), "feedback": ["ok"] * calls}
                for name in said:
                    said[name] = list(info.get(name, said[name]))
                    if len(said[name]) != calls:
                        raise ValueError(f"info['{name}'] has {len(said[name])} for {calls} calls; one for each is expected")
                return {
                    **said,
                    "reward": float(reward),
                    "ended": bool(terminated or truncated),
                    "finished": bool(info.get("finished", terminated)),
                    "goal_reached": None if info.get("goal_reached") is None else bool(info["goal_reached"]),
                    "follow_up": info.get("follow_up"),
                }
            case "goal":
                env = self._live[request["id"]].unwrapped
                return {"goal_reached": env.judged(None) if isinstance(env, ToolEnv) else None}
            case "close":
                if env := self._live.pop(request["id"], None):
                    env.close()
                return {}
        raise AssertionError(f"unknown op {request['op']!r}")

    def drop(self, request: dict[str, Any]) -> None:
        """Give up what failed otherwise, which is what is to be told: that it does not close either is for the log."""
        if env := self._live.pop(request.get("id", -1), None):
            try:
                env.close()
            except Exception:
                traceback.print_exc()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--memory", type=int, required=True, help="address space in bytes")
    parser.add_argument("--file-size", type=int, required=True, help="bytes of one file")
    parser.add_argument("--processes", type=int, help="processes and threads of this user")
    limits = parser.parse_args()
    replies = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    requests = os.fdopen(os.dup(0), "r")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file_size, limits.file_size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if limits.processes:
        resource.setrlimit(resource.RLIMIT_NPROC, (limits.processes, limits.processes))
    environments = Environments()
    _write(replies, "{}")
    for line in requests:
        request = json.loads(line)
        try:
            reply = json.dumps(environments.handle(request))
        except MemoryError:
            environments.drop(request)
            reply = '{"full": true}'
        except UserError as error:
            reply = json.dumps({"refused": str(error)})
        except Exception as error:
            reply = json.dumps({"defect": f"{plugins.raised(error)}\n{traceback.format_exc()}"})
        _write(replies, reply)


def _write(replies: IO[bytes], reply: str) -> None:
    """Each reply at once and by itself: whoever waits takes the first request without one for the cause of this host's end."""
    line = memoryview(reply.encode() + b"\n")
    while line:
        line = line[replies.write(line) :]


if __name__ == "__main__":
    main()
