"""The environment: parcels of several customers, and four tools that find and change them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal

import numpy as np
from typing_extensions import TypedDict

from raytool.env import ToolEnv, ToolError, tool
from raytool.records import Feedback, Gold, Task

CUSTOMERS = tuple(
    f"{first} {last}" for first in ("Ada", "Bo", "Cleo", "Dan", "Eva", "Finn") for last in ("Park", "Lind", "Marsh", "Okoro", "Stein")
)
STREETS = ("Mill Lane", "Station Road", "Elm Street", "Harbour Way", "Church Hill")
Size = Literal["small", "medium", "large"]
SIZES: tuple[Size, ...] = ("small", "medium", "large")
FEES = {"small": 2.5, "medium": 4.0, "large": 7.5}


class Address(TypedDict):
    street: str
    number: int


@dataclass
class Parcel:
    customer: str
    size: Size
    address: Address
    day: str
    sent_back: bool = False


class Parcels(ToolEnv):
    """A parcel service. The task is done when the parcels are as gold leaves them, and the answer is told if there is one."""

    max_turns = 5

    def start(self, task: Task, random: np.random.Generator) -> None:
        customers = random.choice(CUSTOMERS, 8, replace=False)
        self.parcels = {f"P{100 + i}": _parcel(str(customer), random) for i, customer in enumerate(customers)}

    def sample_task(self, random: np.random.Generator) -> Task:
        from raytool_parcels.tasks import draw

        return draw(int(random.integers(10**6)))

    def goal_reached(self, answer: str | None) -> bool | None:
        assert self.task is not None
        told = not self.task.answer or any(wanted in (answer or "") for wanted in self.task.answer)
        return told and any(self.state() == self._state_after(gold) for gold in self.task.gold)

    def state(self) -> dict[str, object]:
        return {number: asdict(parcel) for number, parcel in self.parcels.items()}

    @tool
    def find_parcel(self, customer: str) -> dict[str, object]:
        """Find the parcel of a customer: its number, size, address and day of delivery.

        Args:
            customer: first and last name

        Raises:
            ToolError: nobody of that name gets a parcel.
        """
        for number, parcel in self.parcels.items():
            if parcel.customer == customer:
                return {"number": number, "size": parcel.size, "address": parcel.address, "day": parcel.day}
        raise ToolError(f"no parcel for '{customer}'")

    @tool
    def redirect_parcel(self, number: str, address: Address) -> str:
        """Deliver a parcel to another address.

        Args:
            number: the parcel's number
            address: street and house number
        """
        self._parcel(number).address = address
        return f"{number} goes to {address['street']} {address['number']}"

    @tool
    def move_delivery(self, number: str, day: str) -> str:
        """Deliver a parcel on another day.

        Args:
            number: the parcel's number
            day: YYYY-MM-DD
        """
        parcel = self._parcel(number)
        try:
            date.fromisoformat(day)
        except ValueError:
            raise ToolError(f"day is '{day}', not YYYY-MM-DD") from None
        parcel.day = day
        return f"{number} comes on {day}"

    @tool
    def return_parcel(self, number: str, insured: bool = False) -> dict[str, float]:
        """Send a parcel back to its sender.

        Args:
            number: the parcel's number
            insured: whether it is insured on its way, for a fee of 1.5
        """
        parcel = self._parcel(number)
        parcel.sent_back = True
        return {"fee": FEES[parcel.size] + 1.5 * insured}

    def _parcel(self, number: str) -> Parcel:
        if number not in self.parcels:
            raise ToolError(f"no parcel '{number}'")
        return self.parcels[number]

    def _state_after(self, gold: Gold) -> dict[str, object]:
        assert self.task is not None
        twin = Parcels()
        twin.task = self.task
        twin.start(self.task, np.random.default_rng(self.task.seed))
        for call in gold.calls:
            observation, feedback = twin.execute(call.call)
            assert feedback is Feedback.OK, f"{self.task.id}: {call.name}: {observation}"
        return twin.state()


def _parcel(customer: str, random: np.random.Generator) -> Parcel:
    address = Address(street=str(random.choice(STREETS)), number=int(random.integers(1, 90)))
    return Parcel(customer, SIZES[int(random.integers(3))], address, f"2026-03-{int(random.integers(10, 28))}")
