"""Tasks of the parcel service: requests of one call or two, whose gold is played on the real environment while it is written."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from raytool.env import FINISH
from raytool.records import Gold, GoldCall, Task
from raytool_parcels.service import STREETS, Address, Parcels


def tasks(split: Literal["train", "test"], count: int) -> Iterable[Task]:
    """The first `count` tasks of a split. A fifth of the customers and addresses are kept for the test, so no query is in both."""
    return itertools.islice((task for task in map(draw, itertools.count()) if task.tags["split"] == split), count)


def draw(number: int) -> Task:
    """Task number `number`, always the same."""
    random = np.random.default_rng(number)
    blank = Task(f"parcels-{number}", "parcels", "", (*Parcels.tool_specs(), FINISH), seed=number)
    service = Parcels()
    service.reset(options={"task": blank})
    calls: list[GoldCall] = []

    def call(tool: str, **arguments: Any) -> Any:
        documented = Parcels.tools[tool].spec.documented
        unsaid = {name: (schema["default"],) for name, schema in documented.items() if "default" in schema}
        calls.append(GoldCall(tool, arguments, accept=unsaid))  # a default may be said or not
        return getattr(service, tool)(**arguments)

    def pick(items: tuple[str, ...]) -> str:
        return str(random.choice(items))

    subject = customer = pick(tuple(parcel.customer for parcel in service.parcels.values()))
    answer: tuple[str, ...] = ()
    match number % 4:
        case 0:
            answer = (call("find_parcel", customer=customer)["day"],)
            query = pick(("When does the parcel of {} come?", "{} asks on which day the parcel is delivered."))
            query = query.format(customer)
        case 1:
            parcel, house, street = pick(tuple(service.parcels)), int(random.integers(1, 90)), pick(STREETS)
            subject = f"{street} {house}"
            call("redirect_parcel", number=parcel, address=Address(street=street, number=house))
            query = pick(("Please send {0} to {1} {2} instead.", "{0} has to go to {1} {2}.", "new address for {0}: {1} {2}"))
            query = query.format(parcel, street, house)
        case 2:
            day = f"2026-04-{int(random.integers(10, 28))}"
            call("move_delivery", number=call("find_parcel", customer=customer)["number"], day=day)
            query = pick(("{0} is away; deliver the parcel on {1}.", "Could the parcel of {0} come on {1}?")).format(customer, day)
        case _:
            fee = call("return_parcel", number=call("find_parcel", customer=customer)["number"])["fee"]
            answer = (str(fee),)
            query = pick(("{} sends the parcel back. What does it cost?", "Return the parcel of {} and tell me the fee.")).format(customer)
    finish = GoldCall("finish", {"answer": f"It is {answer[0]}." if answer else "Done."}, free=("answer",))
    split = "test" if zlib.crc32(subject.encode()) % 5 == 0 else "train"
    return replace(blank, query=query, gold=(Gold((*calls, finish)),), answer=answer, tags={"split": split})
