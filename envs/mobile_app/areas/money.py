"""The tools over payments between friends."""

from __future__ import annotations

from typing import Any, Literal

from envs.mobile_app.areas.checks import checked_friend, checked_friends
from envs.mobile_app.world import Payment, World, euros
from envs.scenario.checks import checked_date
from raytool.env import ToolError, tool

LARGEST = 5_000  # euros
Split = Literal["each", "among_them", "with_me"]


class Money:
    """Two tools; amounts are in euros."""

    world: World

    @tool
    def send_payment(self, to: str, amount: float, note: str = "", shown_to_friends: bool = False) -> dict[str, Any]:
        """Pay money to a friend.

        Args:
            to: name of the friend
            amount: in euros
            note: what it is for
            shown_to_friends: friends see the payment

        Returns:
            The friend, the amount, and the balance left.

        Raises:
            ToolError: there is no such friend, the amount is out of its range, or more than the balance.
        """
        friend, cents = checked_friend(self.world, to), checked_cents(amount)
        if cents > self.world.cents:
            raise ToolError(f"{amount} euros is more than the balance of {euros(self.world.cents)}")
        self.world.cents -= cents
        self.world.payments.append(Payment("sent", friend, cents, note, shown_to_friends))
        return {"to": friend, "amount": euros(cents), "balance": euros(self.world.cents)}

    @tool
    def request_payment(self, people: list[str], amount: float, note: str = "", split: Split = "each", due: str = "") -> dict[str, Any]:
        """Send friends a request to pay me money.

        Args:
            people: names of friends
            amount: in euros
            note: what it is for
            split: each pays the amount, or they share it, or they and I share it
            due: YYYY-MM-DD, default any time

        Returns:
            What each is asked for, rounded down to cents, and how much that is together.

        Raises:
            ToolError: there is nobody, a friend is unknown or named twice, the amount is out of its range, or the date is none or past.
        """
        friends, cents = checked_friends(self.world, people), checked_cents(amount)
        if not friends:
            raise ToolError("people is empty")
        if due and checked_date(due) < self.world.today:
            raise ToolError(f"{due} is in the past, today is {self.world.today}")
        share = cents // {"each": 1, "among_them": len(friends), "with_me": len(friends) + 1}[split]
        if not share:
            raise ToolError(f"{amount} euros cannot be split")
        self.world.payments += [Payment("requested", friend, share, note, due=due) for friend in friends]
        return {"each": euros(share), "together": euros(share * len(friends))}


def checked_cents(amount: float) -> int:
    """The amount in cents."""
    if not 0 < amount <= LARGEST or round(amount * 100) != round(amount * 100, 6):
        raise ToolError(f"amount is {amount}, not euros and cents up to {LARGEST}")
    return round(amount * 100)
