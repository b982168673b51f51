"""The tools over money: budgets, bills, transfers and currencies."""

from __future__ import annotations

from typing import Any

from envs.daily_life.areas.checks import checked_amount, chosen, known
from envs.daily_life.world import Account, Bill, Transfer, World
from envs.scenario.rounding import tidy
from raytool.env import ToolError, tool

LARGEST = 1e9
HIGHEST_FEE = 50  # percent


class Money:
    """Four tools; amounts are in the currency of the household, but for those of convert_currency."""

    world: World

    @tool
    def check_budget(self, category: str, planned: float = 0) -> dict[str, float]:
        """Tell what is left of this month's budget for a category.

        Args:
            category: e.g. household
            planned: an expense to count as spent too

        Returns:
            The limit, what is spent without the planned expense, and what is left after it.

        Raises:
            ToolError: there is no such budget, or the expense is out of its range.
        """
        budget = chosen("budget", category, self.world.budgets)
        if not 0 <= planned <= LARGEST:
            raise ToolError(f"planned is {planned:g}, not 0 to {LARGEST:g}")
        return {"limit": budget.limit, "spent": budget.spent, "left": tidy(budget.limit - budget.spent - planned)}

    @tool
    def convert_currency(self, amount: float, source: str, target: str, fee_percent: float = 0) -> dict[str, Any]:
        """Convert an amount of money into another currency at today's rate.

        Args:
            amount: how much
            source: currency it is in, e.g. EUR
            target: currency wanted, e.g. USD
            fee_percent: part that the exchange keeps

        Returns:
            The converted amount after the fee, its currency and the rate.

        Raises:
            ToolError: there is no such currency, or a number is out of its range.
        """
        given, wanted = (known("currency", currency, self.world.rates) for currency in (source, target))
        checked_amount("amount", amount, LARGEST)
        if not 0 <= fee_percent <= HIGHEST_FEE:
            raise ToolError(f"fee_percent is {fee_percent:g}, not 0 to {HIGHEST_FEE}")
        rate = self.world.rates[wanted] / self.world.rates[given]
        return {"amount": tidy(amount * rate * (1 - fee_percent / 100)), "currency": wanted, "rate": float(f"{rate:.5g}")}

    @tool
    def pay_bill(self, bill: str, amount: float = 0, account: Account = "current") -> dict[str, Any]:
        """Pay an open bill, or a part of it.

        Args:
            bill: what it is for, e.g. water, or who sent it
            amount: part to pay, default all that is open
            account: where the money comes from

        Returns:
            What was paid, what is still open, the budget that it counts towards, and the balance of the account.

        Raises:
            ToolError: there is no such open bill, the amount is out of its range, or the account holds too little.
        """
        paid = self._bill(bill)
        still = tidy(paid.amount - paid.paid)
        if not still:
            raise ToolError(f"the bill for {paid.subject} is paid already")
        payment = tidy(checked_amount("amount", amount, still)) if amount else still
        self._withdraw(payment, account)
        paid.paid = tidy(paid.paid + payment)
        budget = self.world.budgets[paid.category]
        budget.spent = tidy(budget.spent + payment)
        return {"paid": payment, "open": tidy(still - payment), "budget": paid.category, "balance": self.world.accounts[account]}

    @tool
    def transfer_money(self, to: str, amount: float, account: Account = "current", reference: str = "") -> dict[str, Any]:
        """Transfer money to a person, or between the household's own accounts.

        Args:
            to: full name of the person, or current or savings
            amount: how much, in the household's currency
            account: where the money comes from
            reference: text for the receiver

        Returns:
            The receiver, the amount and the balance of the account it came from.

        Raises:
            ToolError: there is no such receiver, the amount is out of its range, or the account holds too little.
        """
        receiver = known("receiver", to, (*self.world.payees, *self.world.accounts))
        if receiver == account:
            raise ToolError(f"the money would go from {account} to {account}")
        sent = tidy(checked_amount("amount", amount, LARGEST))
        self._withdraw(sent, account)
        for own in self.world.accounts:
            if own == receiver:
                self.world.accounts[own] = tidy(self.world.accounts[own] + sent)
        self.world.transfers.append(Transfer(receiver, sent, account, reference))
        return {"to": receiver, "amount": sent, "balance": self.world.accounts[account]}

    def _bill(self, name: str) -> Bill:
        by_biller = {bill.biller: bill for bill in self.world.bills.values()}
        return chosen("bill", name, {**by_biller, **self.world.bills})

    def _withdraw(self, amount: float, account: Account) -> None:
        if amount > self.world.accounts[account]:
            raise ToolError(f"the {account} account holds {self.world.accounts[account]:g}, not {amount:g}")
        self.world.accounts[account] = tidy(self.world.accounts[account] - amount)
