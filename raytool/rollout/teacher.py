"""A teacher: any model behind an OpenAI-compatible address plays tasks in our environments. The only file that imports openai.

Tools are shown in the API's field `tools` and calls are read from `tool_calls`. What the server does wrong is infrastructure:
429, 5xx and lost connections are tried again by the client, with growing pauses and as the server's Retry-After says.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import pydantic

from raytool.config.rollout import RolloutConfig
from raytool.records import NO_POLICY, Episode, Task, UserError, first_mistake
from raytool.rollout.episode import InfrastructureError, Limits, Sampled, insist, play
from raytool.rollout.hosts import ToolHosts
from raytool.rollout.messages import Messages, line, request, untokenised, wire_names

if TYPE_CHECKING:
    import openai


class RequestRefused(InfrastructureError):
    """The server will not answer this request, however often it is asked: a conversation too long for it, or content it filters."""

    lasting = True


@dataclass(frozen=True, slots=True)
class Server:
    """Where a model is asked, and how. `limit_s` bounds one answer, the client's own retries included.

    `temperature` None leaves it to the server; `key_variable` names the environment variable of the key, None sends none.
    """

    address: str
    model: str
    temperature: float | None
    limit_s: float
    retries: int
    key_variable: str | None


class _Function(pydantic.BaseModel):
    name: str
    arguments: str = ""


class _ToolCall(pydantic.BaseModel):
    function: _Function


class _Message(pydantic.BaseModel):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(pydantic.BaseModel):
    message: _Message
    finish_reason: Literal["stop", "length", "tool_calls", "function_call", "content_filter"] | None = None


class _Answer(pydantic.BaseModel):
    """What is used of a chat completion."""

    choices: list[_Choice] = pydantic.Field(min_length=1)


class Teacher:
    """Plays tasks. To be closed.

    Raises:
        UserError: the package openai is not installed, the address is none, or the key's variable is not set.
    """

    def __init__(self, server: Server, config: RolloutConfig, hosts: ToolHosts):
        self._server, self._hosts = server, hosts
        self._limits = Limits(config.max_turns, sys.maxsize, config.turn_tokens, config.observation_characters)
        self._attempts = config.attempts
        self._chat = Messages()
        self._client = _client(server)

    async def play(self, task: Task, group: int, sample: int) -> Episode:
        """One episode, without tokens; where infrastructure fails it is played again from its beginning.

        Raises:
            InfrastructureError: it failed as often as an episode is tried.
            UserError: the server knows no such model, or does not accept the key.
        """
        episode, failures = await insist(self._attempts, partial(self._play, task, group, sample))
        if episode is None:
            raise failures[-1]
        return untokenised(episode)

    async def _play(self, task: Task, group: int, sample: int) -> Episode:
        environment = await self._hosts.open(task)
        try:
            conversation = _Conversation(self._client, self._server, self._chat, task)
            return await play(task, group, sample, self._chat, conversation, environment, self._limits)
        finally:
            await environment.close()

    async def close(self) -> None:
        await self._client.close()


class _Conversation:
    """The Sampler of one task."""

    def __init__(self, client: openai.AsyncOpenAI, server: Server, chat: Messages, task: Task):
        self._client, self._server, self._chat, self._task = client, server, chat, task
        self._tool_of = {spelling: name for name, spelling in wire_names(task).items()}

    async def __call__(self, tokens: Sequence[int], turn: int, max_tokens: int) -> Sampled:
        messages, tools = request(self._task, self._chat.said(tokens), self._chat)
        asked: dict[str, Any] = {"model": self._server.model, "messages": messages, "max_completion_tokens": max_tokens}
        asked |= {"tools": tools} if tools else {}
        asked |= {} if self._server.temperature is None else {"temperature": self._server.temperature}
        choice = (await self._ask(asked)).choices[0]
        if choice.finish_reason == "content_filter":
            raise RequestRefused(f"{self._server.address} filtered the answer")
        said = [ord(character) for character in line(self._message(choice.message))]
        cut = choice.finish_reason == "length"
        return Sampled(said if cut else [*said, self._chat.end], None, NO_POLICY)

    def _message(self, given: _Message) -> Mapping[str, Any]:
        called = [(call.function.name, call.function.arguments or "{}") for call in given.tool_calls or ()]
        calls = [{"function": {"name": self._tool_of.get(name, name), "arguments": arguments}} for name, arguments in called]
        return {"role": "assistant", "content": given.content or given.refusal or "", **({"tool_calls": calls} if calls else {})}

    async def _ask(self, asked: dict[str, Any]) -> _Answer:
        """Raises:
        InfrastructureError: no answer within the limit, after the client's retries; or none that follows the protocol.
        UserError: it lies in what the user said of the server.
        """
        import openai

        address, limit_s = self._server.address, self._server.limit_s
        try:
            answer = await asyncio.wait_for(self._client.chat.completions.create(**asked), limit_s)
            return _Answer.model_validate(answer, from_attributes=True)
        except TimeoutError:
            raise InfrastructureError(f"waited {limit_s:g} s for an answer of {address}") from None
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            key = f"the key in ${self._server.key_variable}" if self._server.key_variable else "--key-env NAME, since no key was sent"
            raise UserError(f"--address {address}: {error.message}; look at {key}") from error
        except openai.NotFoundError as error:
            raise UserError(f"--address {address}, --model {self._server.model}: {error.message}") from error
        except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
            raise RequestRefused(f"{address}: {error.message}") from error
        except pydantic.ValidationError as error:
            raise InfrastructureError(f"{address} answered with no chat completion: {first_mistake(error)}") from None
        except (openai.OpenAIError, ValueError) as error:  # a body that is no JSON
            raise InfrastructureError(f"{address}: {type(error).__name__}: {error}") from error


def _client(server: Server) -> openai.AsyncOpenAI:
    try:
        import openai
    except ImportError:
        raise UserError("--address: needs the package openai; pip install 'raytool[api]'") from None
    if not server.address.startswith(("http://", "https://")):
        raise UserError(f"--address {server.address}: an address such as http://127.0.0.1:8000/v1 is expected")
    key = os.environ.get(server.key_variable) if server.key_variable else "none"
    if not key:
        raise UserError(f"--key-env {server.key_variable}: no such environment variable is set")
    return openai.AsyncOpenAI(base_url=server.address, api_key=key, timeout=server.limit_s, max_retries=server.retries)
