"""Requests about recipes and the pantry."""

from __future__ import annotations

from typing import Any

from envs.daily_life.areas.kitchen import DIETS
from envs.daily_life.queries.desk import COUNTS, WEIGHTS, DailyLifeDesk, together
from envs.daily_life.vocabulary import UNITS
from envs.daily_life.world import Dish
from envs.scenario.choice import other_orders
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer


def amount_answer(amount: float, unit: str) -> tuple[str, ...]:
    return (*number_answer(amount), f"{amount} {unit}")


def cookable_for(desk: DailyLifeDesk) -> int:
    """For how many people the pantry is enough for at least one dish."""
    dishes = desk.world.cookbook.values()
    return desk.pick([servings for servings in (2, 3, 4, 6) if any(not desk.world.shortfall(dish, servings) for dish in dishes)])


def lacking(desk: DailyLifeDesk, most: int) -> tuple[Dish, int]:
    """A dish and servings for which the pantry lacks something, but no more than `most` ingredients."""
    dishes = [(dish, servings) for dish in desk.world.cookbook.values() for servings in range(2, 11)]
    return desk.pick([pair for pair in dishes if 1 <= len(desk.world.shortfall(*pair)) <= most])


def stocked(desk: DailyLifeDesk) -> str:
    """An ingredient of which the pantry holds enough that some can be taken and some be left."""
    return desk.pick([item for item, amount in desk.world.pantry.items() if amount > (1 if UNITS[item] == "pieces" else 10)])


def how_much(item: str) -> str:
    return f"how {'many' if UNITS[item] == 'pieces' else 'much'} {item}"


def amount_of(scaled: dict[str, Any], item: str) -> dict[str, Any]:
    return next(entry for entry in scaled["ingredients"] if entry["item"] == item)


@recipe("find_recipes")
def count_with_ingredient(desk: DailyLifeDesk) -> Request:
    item = desk.pick(list(desk.dish().ingredients))
    count = desk.call("find_recipes", ingredients=[item])["count"]
    frames = (
        "How many of our recipes use {item}?",
        "I have to use up the {item} somehow. How many recipes do we have for that?",
        "Please count the recipes in the cookbook that call for {item}.",
        "recipes with {item}: how many?",
        "In how many dishes of our cookbook would I find {item}?",
        "Tell me the number of our recipes with {item} among the ingredients.",
    )
    return Request(desk.say(frames, item=item), f"Recipes with {item}: {count}.", number_answer(count))


@recipe("find_recipes")
def quickest_with_two(desk: DailyLifeDesk) -> Request:
    pair = desk.several(list(desk.dish().ingredients), 2)
    found = desk.call("find_recipes", {"ingredients": other_orders(pair)}, ingredients=pair)["recipes"][0]
    frames = (
        "What is the quickest thing in our cookbook with {pair} in it?",
        "I would like to use {pair} together. Which recipe takes the least time?",
        "quickest recipe that has {pair}?",
        "Please find me the fastest dish that uses both {pair}.",
        "Name the recipe with {pair} that is done soonest.",
        "Both {pair} ought to go into one dish tonight, and I am in a hurry. Which recipe suits?",
    )
    return Request(desk.say(frames, pair=together(pair)), f"That is {found['name']}, {found['minutes']} minutes.", (found["name"],))


@recipe("find_recipes")
def for_a_diet(desk: DailyLifeDesk) -> Request:
    diet = desk.pick(("vegan", "vegetarian"))
    fitting = [dish.minutes for dish in desk.world.cookbook.values() if dish.diet in DIETS[diet]]
    limits = [minutes for minutes in (30, 45, 60) if any(least <= minutes for least in fitting)]
    if not limits:
        diet, limits = "any", [120]
    limit = desk.pick(limits)
    count = desk.call("find_recipes", diet=diet, max_minutes=limit)["count"]
    kind = "recipes" if diet == "any" else f"{diet} recipes"
    frames = (
        "How many {kind} do we have that are done within {time}?",
        "Guests are coming and I have {time} at most for cooking. How many {kind} come into question?",
        "Please count the {kind} that take no longer than {time}.",
        "{kind}, {time} at most - how many?",
        "I need to know how many {kind} of ours can be made in {time} or less.",
        "Our cookbook: what is the number of {kind} for which {time} will do?",
    )
    return Request(desk.say(frames, kind=kind, time=desk.lasting(limit)), f"There are {count}.", number_answer(count))


@recipe("find_recipes")
def cookable_now(desk: DailyLifeDesk) -> Request:
    servings = cookable_for(desk)
    found = desk.call("find_recipes", cookable_for=servings)
    people = desk.counted(servings)
    if desk.chance():
        frames = (
            "How many recipes can we cook for {people} with what the pantry holds?",
            "The shops are closed. For how many of our recipes is the pantry enough, with {people} of us eating?",
            "Without buying anything, how many dishes could I make for {people} people?",
            "count of recipes cookable for {people} from the pantry as it is",
            "We will be {people} at the table. Please tell me how many recipes need nothing from the shop.",
        )
        return Request(desk.say(frames, people=people), f"Recipes that you can cook: {found['count']}.", number_answer(found["count"]))
    first = found["recipes"][0]
    frames = (
        "What is the quickest dish I can cook for {people} with what is in the pantry?",
        "There are {people} of us and nobody wants to go shopping. Which recipe is done soonest with what we have?",
        "Please find the fastest recipe that the pantry is enough for, {people} servings.",
        "quickest recipe for {people}, pantry only?",
        "I want to feed {people} people from the pantry alone, as fast as I can. What should I cook?",
    )
    return Request(desk.say(frames, people=people), f"Cook {first['name']}, it takes {first['minutes']} minutes.", (first["name"],))


@recipe("scale_recipe")
def amount_for(desk: DailyLifeDesk) -> Request:
    dish, servings = desk.dish(), desk.number(2, 12)
    item = desk.pick(list(dish.ingredients))
    entry = amount_of(desk.call("scale_recipe", recipe=dish.name, servings=servings), item)
    frames = (
        "If I make {dish} for {people}, {how_much} do I need?",
        "I am cooking {dish} for {people} people. What quantity of {item} does it take?",
        "Please work out the {item} for {people} servings of {dish}.",
        "{dish} x {people}: {item}?",
        "Guests are coming for {dish}, {people} of them. Tell me the amount of {item} in the recipe for that many.",
        "What does our recipe for {dish} say about {item} when it has to serve {people}?",
    )
    closing = f"It takes {entry['amount']} {entry['unit']} of {item}."
    said = {"item": item, "how_much": how_much(item), "dish": dish.name, "people": desk.counted(servings)}
    return Request(desk.say(frames, **said), closing, amount_answer(entry["amount"], entry["unit"]))


@recipe("scale_recipe")
def amount_in_ounces(desk: DailyLifeDesk) -> Request:
    dish = desk.pick([dish for dish in desk.world.cookbook.values() if {UNITS[item] for item in dish.ingredients} & {"g", "ml"}])
    item = desk.pick([item for item in dish.ingredients if UNITS[item] != "pieces"])
    servings = desk.number(2, 12)
    entry = amount_of(desk.call("scale_recipe", recipe=dish.name, servings=servings, units="imperial"), item)
    frames = (
        "My scales only know imperial units. How many {unit} of {item} go into {dish} for {people}?",
        "{dish} for {people}, please: how many {unit} of {item}?",
        "I need the {item} for {people} servings of {dish}, in {unit}.",
        "{unit} of {item} in {dish}, {people} servings?",
        "My American cousin is making {dish} for {people} people and asks for the {item} in {unit}. What do I tell her?",
        "Give me the imperial amount, in {unit}, of {item} that {people} portions of {dish} need.",
    )
    said = {"item": item, "dish": dish.name, "people": desk.counted(servings), "unit": {"oz": "ounces"}.get(entry["unit"], "fluid ounces")}
    return Request(desk.say(frames, **said), f"It takes {entry['amount']} {entry['unit']}.", amount_answer(entry["amount"], entry["unit"]))


@recipe("scale_recipe")
def still_to_buy(desk: DailyLifeDesk) -> Request:
    dish, servings = lacking(desk, 4)
    item = desk.pick(list(desk.world.shortfall(dish, servings)))
    entry = amount_of(desk.call("scale_recipe", recipe=dish.name, servings=servings, missing_only=True), item)
    frames = (
        "What amount of {item} is the pantry short of for {dish} for {people}?",
        "We want {dish} for {people}. On top of what we have, {how_much} do I have to buy?",
        "Please tell me what quantity of {item} is missing in the pantry if I make {people} servings of {dish}.",
        "{dish}, {people} servings: {how_much} lacking in the pantry?",
        "I know that the {item} in the pantry will not do for {people} portions of {dish}. What amount is missing?",
        "Compare {dish} for {people} with the pantry and name the missing amount of {item}.",
    )
    closing = f"{entry['amount']} {entry['unit']} of {item} are missing."
    said = {"item": item, "how_much": how_much(item), "dish": dish.name, "people": desk.counted(servings)}
    return Request(desk.say(frames, **said), closing, amount_answer(entry["amount"], entry["unit"]))


@recipe("scale_recipe", asks=True)
def amount_for_how_many(desk: DailyLifeDesk) -> Request:
    dish, servings = desk.dish(), desk.number(3, 10)
    item = desk.pick(list(dish.ingredients))
    desk.ask("For how many people?")
    entry = amount_of(desk.call("scale_recipe", recipe=dish.name, servings=servings), item)
    frames = (
        "When the whole family comes for {dish}, {how_much} do I need?",
        "I am making {dish} for the party. Work out the {item}, please.",
        "{item} for {dish} for all of us?",
        "Scale {dish} to our guests and tell me the amount of {item}.",
        "We are having people over for {dish}. What quantity of {item} does that take?",
    )
    reply = desk.say(("We will be {people}.", "For {people} people.", "{people} servings, please."), people=COUNTS[servings])
    closing = f"It takes {entry['amount']} {entry['unit']} of {item}."
    query = desk.say(frames, item=item, how_much=how_much(item), dish=dish.name)
    return Request(query, closing, amount_answer(entry["amount"], entry["unit"]), reply=reply)


@recipe("update_pantry")
def put_away(desk: DailyLifeDesk) -> Request:
    item = desk.pick(list(UNITS))
    amount = desk.amount(item)
    desk.call("update_pantry", item=item, amount=amount)
    frames = (
        "I just put {some} into the pantry, please record it.",
        "Add {some} to our pantry stock.",
        "Back from the market: {some} went into the pantry. Update the stock.",
        "pantry + {some}",
        "Could you note that the pantry has {some} more now?",
        "My mother brought us {some}. That has to be added to the pantry.",
    )
    return Request(desk.say(frames, some=desk.some(item, amount)))


@recipe("update_pantry")
def used_up(desk: DailyLifeDesk) -> Request:
    item = stocked(desk)
    stock = desk.world.pantry[item]
    if UNITS[item] == "pieces":
        amount = desk.number(min(2, int(stock) - 1), int(stock) - 1)
    else:
        amount = desk.pick([part for part in (20, 50, 100) if part <= stock] or [10])
    left = desk.call("update_pantry", item=item, amount=amount, change="remove")["stock"]
    frames = (
        "Take {some} out of the pantry stock and tell me what is left.",
        "I have used {some} from the pantry. What remains after you have deducted that?",
        "Please subtract {some} from what the pantry holds; I should like to know the new stock.",
        "pantry minus {some}, remaining?",
        "The children were in the pantry and {some} went with them. Correct the stock and name the rest.",
        "Dinner took {some} from our pantry. Can you deduct it and say how that leaves us?",
    )
    query = desk.say(frames, some=desk.some(item, amount))
    return Request(query, f"{left} {UNITS[item]} are left.", amount_answer(left, UNITS[item]))


@recipe("update_pantry")
def counted_stock(desk: DailyLifeDesk) -> Request:
    item = desk.pick(list(desk.world.pantry))
    amount = desk.other(range(2, 13) if UNITS[item] == "pieces" else tuple(WEIGHTS), int(desk.world.pantry[item]))
    desk.call("update_pantry", item=item, amount=amount, change="set")
    frames = (
        "The pantry count for {item} is wrong, it should be {measure}. Correct it.",
        "I have checked the shelf. We own {some}, no more and no less; set the pantry to that.",
        "Please set our stock of {item} to {measure}.",
        "pantry: {item} = {measure}, whatever it said before",
        "Whatever the record claims about {item}, the pantry really has {some}. Fix the figure.",
        "Could you overwrite the pantry entry for {item}? It should read {measure}.",
    )
    return Request(desk.say(frames, item=item, measure=desk.measure(item, amount), some=desk.some(item, amount)))


@recipe("update_pantry", asks=True)
def put_away_how_much(desk: DailyLifeDesk) -> Request:
    item = desk.pick(list(UNITS))
    amount = desk.amount(item)
    desk.ask(f"How much of the {item}?")
    desk.call("update_pantry", item=item, amount=amount)
    frames = (
        "I bought {item} and put them away. Add that to the pantry.",
        "Please record the {item} that I have just added to the pantry.",
        "new {item} in the pantry, add to the stock",
        "There is more {item} on the pantry shelf since this morning. Could you add it to the stock?",
        "The {item} from the market are in the pantry now; count them in.",
    )
    query = desk.say(frames, item=item)
    return Request(
        query, reply=desk.say(("It was {some}.", "{some}, I think. Yes, {some}.", "Exactly {some}."), some=desk.some(item, amount))
    )


@recipe("find_recipes", "scale_recipe")
def quickest_and_amount(desk: DailyLifeDesk) -> Request:
    item, servings = desk.pick(list(desk.dish().ingredients)), desk.number(3, 10)
    name = desk.call("find_recipes", ingredients=[item])["recipes"][0]["name"]
    entry = amount_of(desk.call("scale_recipe", recipe=name, servings=servings), item)
    frames = (
        "Find our quickest recipe with {item} and tell me {how_much} it takes for {people}.",
        "I want to make whichever dish with {item} is done soonest, for {people} people. What amount of {item} is that?",
        "Of the recipes that use {item}, take the fastest. For {people} servings, {how_much} does it need?",
        "quickest dish with {item}, {people} servings: {how_much}?",
        "Please look up the recipe with {item} that takes the least time and work out its {item} for {people}.",
    )
    closing = f"{name} takes {entry['amount']} {entry['unit']} of {item}."
    said = {"item": item, "how_much": how_much(item), "people": desk.counted(servings)}
    return Request(desk.say(frames, **said), closing, amount_answer(entry["amount"], entry["unit"]))


@recipe("update_pantry", "find_recipes")
def put_away_and_find(desk: DailyLifeDesk) -> Request:
    dish, servings = lacking(desk, 1)
    (item,) = desk.world.shortfall(dish, servings)
    sizes = (6, 12, 20, 40) if UNITS[item] == "pieces" else (*WEIGHTS, 5000, 10_000)
    amount = next(size for size in sizes if size >= desk.world.shortfall(dish, servings)[item])
    desk.call("update_pantry", item=item, amount=amount)
    count = desk.call("find_recipes", cookable_for=servings)["count"]
    frames = (
        "I have brought {some} home for the pantry. Add it, then tell me how many recipes we could cook for {people}.",
        "Add {some} to the pantry. For how many of our recipes is it enough after that, with {people} eating?",
        "First record {some} as new in the pantry; then I want to know how many dishes can be made for {people} from it.",
        "pantry + {some}; then: number of recipes it suffices for, {people} servings",
        "The pantry gains {some}. With that, how many recipes would feed {people} without more shopping?",
    )
    query = desk.say(frames, some=desk.some(item, amount), people=desk.counted(servings))
    return Request(query, f"Recipes that you can cook: {count}.", number_answer(count))


@recipe("update_pantry", "update_pantry", "find_recipes")
def swap_and_find(desk: DailyLifeDesk) -> Request:
    servings, gone = cookable_for(desk), desk.pick(list(desk.world.pantry))
    item = desk.other(list(UNITS), gone)
    amount = desk.amount(item)
    desk.call("update_pantry", item=item, amount=amount)
    desk.call("update_pantry", item=gone, amount=0, change="set")
    count = desk.call("find_recipes", cookable_for=servings)["count"]
    frames = (
        "Add {some} to the pantry and set the {gone} there to zero. How many recipes can we then cook for {people}?",
        "I have put {some} into the pantry, and the {gone} ran out, so set that to 0. Then count what we can cook for {people}.",
        "pantry: + {some}, {gone} = 0. afterwards, number of recipes it is enough for with {people} eating?",
        "Please enter {some} as new in the pantry, put the stock of {gone} at 0, and tell me how many recipes are possible for {people}.",
    )
    query = desk.say(frames, some=desk.some(item, amount), gone=gone, people=desk.counted(servings))
    return Request(query, f"Recipes that you can cook: {count}.", number_answer(count), lookups=2)
