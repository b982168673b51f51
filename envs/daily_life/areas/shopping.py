"""The tools over shops and the shopping list."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from envs.daily_life.areas.checks import checked_amount, chosen, known
from envs.daily_life.vocabulary import UNITS_OF_GOODS
from envs.daily_life.world import Shop, World
from envs.scenario.checks import checked_time
from envs.scenario.rounding import tidy
from raytool.env import ToolError, tool

FARTHEST = 100  # km
LARGEST_AMOUNT = 50_000
LONGEST_LIST = 20


class Ware(TypedDict):
    """A good and how much of it: g, ml or pieces, whichever it is counted in."""

    item: str
    amount: float


class Shopping:
    """Two tools; a good is counted in grams, millilitres or pieces, always the same for the same good."""

    world: World

    @tool
    def add_to_shopping_list(self, items: list[Ware], shop: str = "") -> dict[str, Any]:
        """Put goods on the shopping list.

        Args:
            items: each good and its amount in g, ml or pieces
            shop: where to buy them, default anywhere

        Returns:
            The shop, and how much of each good is on its list now.

        Raises:
            ToolError: there is no such good or shop, the shop does not sell a good, or an amount is out of its range.
        """
        wanted = self._amounts(items)
        place = chosen("shop", shop, self.world.shops) if shop else None
        if place and (lacking := [item for item in wanted if item not in place.prices]):
            raise ToolError(f"{place.name} does not sell {lacking[0]}")
        name = place.name if place else ""
        for item, amount in wanted.items():
            self.world.shopping[name, item] = tidy(self.world.shopping.get((name, item), 0) + amount)
        return {"shop": name or "any", "items": {item: self.world.shopping[name, item] for item in list(wanted)[:6]}}

    @tool
    def find_cheapest_shop(self, items: list[Ware], max_km: float = FARTHEST, open_at: str = "") -> dict[str, Any]:
        """Find the shop where a basket of goods costs least.

        Args:
            items: each good and its amount in g, ml or pieces
            max_km: farthest shop
            open_at: HH:MM at which it must be open, default any

        Returns:
            The shop that has all of them for the lowest total, the total, its distance and its hours.

        Raises:
            ToolError: there is no such good, a value is out of its range, or no shop has all of them.
        """
        wanted = self._amounts(items)
        checked_amount("max_km", max_km, FARTHEST)
        time = checked_time(open_at) if open_at else ""
        shops = [shop for shop in self.world.shops.values() if shop.kilometres <= max_km and wanted.keys() <= shop.prices.keys()]
        shops = [shop for shop in shops if not time or shop.opens <= time < shop.closes]
        if not shops:
            raise ToolError(f"no such shop sells all of {', '.join(list(wanted)[:6])}")

        def cost(shop: Shop) -> tuple[float, float]:
            return shop.cost(wanted), shop.kilometres

        best = min(shops, key=cost)
        return {"shop": best.name, "total": best.cost(wanted), "km": best.kilometres, "opens": best.opens, "closes": best.closes}

    def _amounts(self, items: list[Ware]) -> dict[str, float]:
        if not 1 <= len(items) <= LONGEST_LIST:
            raise ToolError(f"items has {len(items)} entries, not 1 to {LONGEST_LIST}")
        amounts: dict[str, float] = {}
        for ware in items:
            name = known("good", ware["item"], UNITS_OF_GOODS)
            amounts[name] = tidy(amounts.get(name, 0) + checked_amount("amount", ware["amount"], LARGEST_AMOUNT))
        return amounts
