"""The tools over the cookbook and the pantry."""

from __future__ import annotations

from typing import Any, Literal

from envs.daily_life.areas.checks import checked_count, chosen, known
from envs.daily_life.vocabulary import UNITS
from envs.daily_life.world import World
from envs.scenario.rounding import tidy
from raytool.env import ToolError, tool

SHOWN = 4  # entries of a listing; the count is always of all
DIETS = {"any": ("vegan", "vegetarian", "fish", "meat"), "vegetarian": ("vegan", "vegetarian"), "vegan": ("vegan",)}
IMPERIAL = {"g": ("oz", 28.3495), "ml": ("fl oz", 29.5735), "pieces": ("pieces", 1)}
MOST_SERVINGS = 40
LONGEST_COOKING = 600  # minutes
LARGEST_STOCK = 100_000


class Kitchen:
    """Three tools; amounts are in grams, millilitres or pieces, as the pantry counts each good."""

    world: World

    @tool
    def find_recipes(
        self,
        ingredients: tuple[str, ...] = (),
        diet: Literal["any", "vegetarian", "vegan"] = "any",
        max_minutes: int = LONGEST_COOKING,
        cookable_for: int = 0,
    ) -> dict[str, Any]:
        """Find recipes in the cookbook, quickest first.

        Args:
            ingredients: what each recipe must use
            diet: what it must suit; a vegan recipe is also vegetarian
            max_minutes: longest cooking time
            cookable_for: only recipes that the pantry is enough for, at so many servings; 0 for any

        Returns:
            The count of recipes, and the name and minutes of the quickest.

        Raises:
            ToolError: no recipe uses an ingredient, or a number is out of its range.
        """
        wanted = {known("ingredient", item, UNITS) for item in ingredients}
        checked_count("max_minutes", max_minutes, 1, LONGEST_COOKING)
        checked_count("cookable_for", cookable_for, 0, MOST_SERVINGS)
        dishes = [dish for dish in self.world.cookbook.values() if dish.diet in DIETS[diet] and dish.minutes <= max_minutes]
        dishes = [dish for dish in dishes if wanted <= set(dish.ingredients)]
        if cookable_for:
            dishes = [dish for dish in dishes if not self.world.shortfall(dish, cookable_for)]
        dishes.sort(key=lambda dish: dish.minutes)
        return {"count": len(dishes), "recipes": [{"name": dish.name, "minutes": dish.minutes} for dish in dishes[:SHOWN]]}

    @tool
    def scale_recipe(
        self, recipe: str, servings: int, missing_only: bool = False, units: Literal["metric", "imperial"] = "metric"
    ) -> dict[str, Any]:
        """Work out the ingredients of a recipe for a number of servings.

        Args:
            recipe: its name
            servings: for how many
            missing_only: only what the pantry lacks for it
            units: of the amounts

        Returns:
            The minutes it takes, and each ingredient with its amount and unit.

        Raises:
            ToolError: there is no such recipe, or the servings are out of their range.
        """
        dish = chosen("recipe", recipe, self.world.cookbook)
        checked_count("servings", servings, 1, MOST_SERVINGS)
        amounts = self.world.shortfall(dish, servings) if missing_only else dish.amounts(servings)
        shown = []
        for item, amount in amounts.items():
            unit, size = (UNITS[item], 1.0) if units == "metric" else IMPERIAL[UNITS[item]]
            shown.append({"item": item, "amount": tidy(amount / size, 1), "unit": unit})
        return {"minutes": dish.minutes, "ingredients": shown}

    @tool
    def update_pantry(self, item: str, amount: float, change: Literal["add", "remove", "set"] = "add") -> dict[str, Any]:
        """Change how much of an ingredient the pantry holds.

        Args:
            item: the ingredient, e.g. eggs
            amount: g, ml or pieces, whichever the ingredient is counted in
            change: add or remove the amount, or set the stock to it

        Returns:
            The ingredient, and what the pantry holds of it now.

        Raises:
            ToolError: there is no such ingredient, the amount is out of its range, or more is removed than is there.
        """
        name = known("ingredient", item, UNITS)
        stock = self.world.pantry.get(name, 0)
        if not 0 <= amount <= LARGEST_STOCK or (amount == 0 and change != "set"):
            raise ToolError(f"amount is {amount:g}, not more than 0 and up to {LARGEST_STOCK}")
        if change == "remove" and amount > stock:
            raise ToolError(f"the pantry holds {stock:g} {UNITS[name]} of {name}, not {amount:g}")
        left = tidy({"add": stock + amount, "remove": stock - amount, "set": amount}[change])
        if left > LARGEST_STOCK:
            raise ToolError(f"the pantry has no room for {left:g} {UNITS[name]} of {name}")
        self.world.pantry[name] = left
        if not left:
            del self.world.pantry[name]
        return {"item": name, "stock": left, "unit": UNITS[name]}
