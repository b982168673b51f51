"""A small world for tool evolution: five tools and more, a weaker version of some, one that is held out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from raytool.env import FINISH, ToolEnv, ToolError, tool
from raytool.records import Gold, GoldCall, Task, ToolCall


class Shelf(ToolEnv):
    held_out = frozenset({"weigh"})

    def start(self, task: Task, random: Any) -> None:
        self.items = {"cup": 1, "vase": 2, "candlestick": 3}
        self.owner = "me" if task.id.endswith("0") else "somebody else"
        self.waxed = task.seed % 2 == 0

    @tool
    def put(self, item: str, level: int = 1) -> str:
        """Put a new item on a shelf."""
        self.items[item] = level
        return f"{item} is there"

    @tool(weaker_than="put")
    def put_low(self, item: str) -> str:
        """Put a new item on the lowest shelf."""
        return self.put(item)

    @tool
    def place(self, thing: str) -> str:
        """Put a thing on the lowest shelf."""
        return self.put(thing)

    @tool
    def take(self, item: str) -> str:
        """Take an item off its shelf."""
        del self.items[item]
        return "taken"

    @tool(weaker_than="take")
    def take_small(self, item: str) -> str:
        """Take a small item off its shelf."""
        if len(item) > 4:
            raise ToolError(f"{item} is too large")
        return self.take(item)

    @tool
    def level_of(self, item: str) -> dict[str, int]:
        """Look up on which level an item stands."""
        return {"level": self.items[item]}

    @tool
    def count(self) -> dict[str, int]:
        """Count the items."""
        return {"count": len(self.items)}

    @tool
    def rename(self, item: str, name: str) -> str:
        """Give an item another name."""
        self.items[name] = self.items.pop(item)
        return name

    @tool(weaker_than="rename", depends_on_state=True)
    def rename_own(self, item: str, name: str) -> str:
        """Give an item of mine another name."""
        if self.owner != "me":
            raise ToolError(f"{item} is not yours")
        return self.rename(item, name)

    @tool
    def move(self, item: str, level: int) -> str:
        """Carry an item to another shelf."""
        self.items[item] = level
        return f"{item} is on shelf {level}"

    @tool(weaker_than="move")
    def slide(self, item: str, level: int) -> str:
        """Slide an item along the wall to another shelf."""
        if not self.waxed:
            raise ToolError("the wall is too rough")
        return self.move(item, level)

    @tool
    def weigh(self, item: str) -> dict[str, int]:
        """Weigh an item of a shelf."""
        return {"grams": 100 * len(item)}

    @tool(weaker_than="weigh")
    def weigh_roughly(self, item: str) -> dict[str, int]:
        """Weigh an item of a shelf, to the nearest kilogram."""
        return {"kilograms": round(len(item) / 10)}

    def goal_reached(self, answer: str | None) -> bool:
        assert self.task is not None
        twin = Shelf()
        twin.reset(options={"task": self.task})
        for call in self.task.gold[0].calls:
            twin.execute(ToolCall(call.name, call.arguments))
        told = all(value in (answer or "") for value in self.task.answer)
        return told and self.items == twin.items


CALLS = {  # by what each shows
    "able": GoldCall("put", {"item": "lamp"}, {"level": (1,)}),
    "unable": GoldCall("put", {"item": "lamp", "level": 2}),
    "ambiguous": GoldCall("put", {"item": "lamp", "level": 1}),  # the weaker tool does it, though it cannot be told the level
    "refused": GoldCall("take", {"item": "candlestick"}),
    "small": GoldCall("take", {"item": "cup"}),
    "owned": GoldCall("rename", {"item": "cup", "name": "mug"}),  # whose it is, the prompt does not say
    "fragile": GoldCall("move", {"item": "cup", "level": 3}),  # nor what the wall is like
    "no weaker": GoldCall("level_of", {"item": "vase"}),
    "held out": GoldCall("weigh", {"item": "vase"}),
    "fails": GoldCall("take", {"item": "nothing"}),
}
ANSWERS = {"no weaker": ("2",), "held out": ("400",)}


def task(name: str, number: int = 0) -> Task:
    finish = GoldCall("finish", {"answer": "Done."}, free=("answer",))
    tags = {"split": "test", "held_out": "tool"} if name == "held out" else {"split": "train", "held_out": ""}
    return Task(
        f"{name}-{number}",
        "tests.plugins.shelf:Shelf",
        f"{name} {number}",
        (*Shelf.tool_specs(), FINISH),
        (Gold((CALLS[name], finish)),),
        ANSWERS.get(name, ()),
        tags=tags,
    )


def tasks(split: str, count: int = 1) -> Iterator[Task]:
    for number in range(count):
        yield from (made for made in (task(name, number) for name in CALLS) if made.tags["split"] == split)


def unusable(split: str) -> Iterator[Task]:
    yield task("fails")
