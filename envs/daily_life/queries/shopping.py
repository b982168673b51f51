"""Requests about shops and the shopping list."""

from __future__ import annotations

from envs.daily_life.queries.desk import DailyLifeDesk, money_answer
from envs.daily_life.world import Shop
from envs.scenario.choice import other_orders
from envs.scenario.desk import Request, recipe


def selling(desk: DailyLifeDesk, count: int) -> tuple[Shop, list[str]]:
    """A shop and some of its goods."""
    shop = desk.pick(list(desk.world.shops.values()))
    return shop, desk.several(list(shop.prices), count)


@recipe("add_to_shopping_list")
def note_goods(desk: DailyLifeDesk) -> Request:
    basket = desk.basket(desk.number(1, 3))
    desk.call("add_to_shopping_list", {"items": other_orders(basket)}, items=basket)
    frames = (
        "Put {wares} on the shopping list.",
        "We are out of a few things. Please write {wares} on the shopping list.",
        "shopping list: {wares}",
        "Could you note {wares} for the next shopping trip?",
        "I must not forget to buy {wares}; the list should have that.",
        "Next time somebody goes shopping they should bring {wares}. Add it to the list.",
        "There is still this to be bought, wherever: {wares}. Note that down for shopping.",
    )
    return Request(desk.say(frames, wares=desk.wares(basket)))


@recipe("add_to_shopping_list")
def note_for_shop(desk: DailyLifeDesk) -> Request:
    shop, goods = selling(desk, desk.number(1, 2))
    basket = [{"item": item, "amount": desk.amount(item)} for item in goods]
    desk.call("add_to_shopping_list", {"items": other_orders(basket)}, items=basket, shop=shop.name)
    frames = (
        "Put {wares} on the shopping list, to be bought at {shop}.",
        "When I am at {shop} next time I need {wares}. Please note it on that shop's list.",
        "shopping list for {shop}: {wares}",
        "I want to get {wares} from {shop}. Could you put that on the list under the shop?",
        "Add {wares} to what we buy at {shop}.",
        "{shop} is where {wares} should come from: please list it there.",
    )
    return Request(desk.say(frames, wares=desk.wares(basket), shop=shop.name))  # type: ignore[arg-type]


@recipe("add_to_shopping_list", asks=True)
def note_how_much(desk: DailyLifeDesk) -> Request:
    (ware,) = desk.basket(1)
    desk.ask(f"How much of the {ware['item']}?")
    desk.call("add_to_shopping_list", items=[ware])
    frames = (
        "We need {item}. Put that on the shopping list.",
        "Please add {item} to the shopping list.",
        "shopping list: {item}",
        "I keep forgetting the {item}. Could you write some on the list of what to buy?",
        "Somebody should bring {item} from the shop, so list it.",
    )
    reply = desk.say(
        ("We need {some}.", "I want {some}.", "Enough for the week, that is {some}."), some=desk.some(ware["item"], ware["amount"])
    )
    return Request(desk.say(frames, item=ware["item"]), reply=reply)


@recipe("find_cheapest_shop")
def cheapest(desk: DailyLifeDesk) -> Request:
    basket = desk.basket(desk.number(2, 3), shops=2)
    found = desk.call("find_cheapest_shop", {"items": other_orders(basket)}, items=basket)
    frames = (
        "Where would {wares} cost me least in all?",
        "Which shop is the cheapest for {wares} together?",
        "I want to buy {wares} in one go and pay as little as possible. Where do I go?",
        "cheapest shop for {wares}?",
        "Please compare the shops for {wares} and name the one with the lowest total.",
        "Money is tight this week: find the shop that asks least for {wares}.",
    )
    return Request(desk.say(frames, wares=desk.wares(basket)), f"Go to {found['shop']}, it costs {found['total']}.", (found["shop"],))


@recipe("find_cheapest_shop")
def cheapest_near(desk: DailyLifeDesk) -> Request:
    basket = desk.basket(desk.number(1, 3), shops=2)
    nearest = min(shop.kilometres for shop in desk.world.shops.values() if all(ware["item"] in shop.prices for ware in basket))
    limit = desk.pick([limit for limit in (1, 1.5, 2, 2.5, 3, 4, 5, 6) if limit >= nearest])
    found = desk.call("find_cheapest_shop", {"items": other_orders(basket)}, items=basket, max_km=limit)
    frames = (
        "I am on foot, so no more than {km} km. Which shop sells {wares} for the least money?",
        "Which shop within {km} kilometres has the best total for {wares}?",
        "Please find the cheapest place for {wares} that is at most {km} km away.",
        "{wares}, max {km} km away, cheapest shop?",
        "Where can I get {wares} cheaply without going farther than {km} kilometres?",
        "The car is at the garage and {km} km is as far as I walk. Name the cheapest shop for {wares}.",
    )
    return Request(desk.say(frames, wares=desk.wares(basket), km=limit), f"The cheapest is {found['shop']}.", (found["shop"],))


@recipe("find_cheapest_shop")
def lowest_total_open(desk: DailyLifeDesk) -> Request:
    basket = desk.basket(desk.number(1, 2), shops=2)
    shops = [shop for shop in desk.world.shops.values() if all(ware["item"] in shop.prices for ware in basket)]
    times = [
        time for time in ("06:30", "07:30", "08:30", "17:30", "19:00", "20:30", "21:30") if any(s.opens <= time < s.closes for s in shops)
    ]
    time = desk.pick(times or ["12:00"])
    total = desk.call("find_cheapest_shop", {"items": other_orders(basket)}, items=basket, open_at=time)["total"]
    frames = (
        "I can only go shopping at {at}. What is the least I would pay for {wares} in a shop that is open then?",
        "What do {wares} cost at the cheapest shop that is open at {at}?",
        "Please tell me the lowest total for {wares} among the shops open at {at}.",
        "{wares}, shop must be open at {at}: lowest total?",
        "My shift leaves me {at} for shopping. How much will {wares} come to, at best, wherever is open?",
        "Of the shops that one can enter at {at}, take the cheapest for {wares}. How much is it?",
    )
    query = desk.say(frames, wares=desk.wares(basket), at=desk.at(time))
    return Request(query, f"It comes to {total} {desk.world.currency}.", money_answer(total))


@recipe("find_cheapest_shop", "add_to_shopping_list")
def note_for_cheapest(desk: DailyLifeDesk) -> Request:
    basket = desk.basket(desk.number(1, 3), shops=2)
    orders = {"items": other_orders(basket)}
    shop = desk.call("find_cheapest_shop", orders, items=basket)["shop"]
    desk.call("add_to_shopping_list", orders, items=basket, shop=shop)
    frames = (
        "Find out where {wares} cost least and put them on the list for that shop.",
        "Whichever shop is cheapest for {wares} together should have it on its shopping list.",
        "I need {wares}. Please look for the shop with the lowest total and note the things on the list under its name.",
        "cheapest shop for {wares}? then shopping list of that shop: the same",
        "Plan my shopping: {wares}, to be bought wherever the sum is lowest, and listed for that shop.",
        "Could you compare the shops for {wares} and write the lot on the list of the best one?",
    )
    return Request(desk.say(frames, wares=desk.wares(basket)))


@recipe("find_cheapest_shop", "find_cheapest_shop", "add_to_shopping_list")
def dearer_basket(desk: DailyLifeDesk) -> Request:
    baskets = [[ware] for ware in desk.basket(2, shops=2)]
    totals = [desk.call("find_cheapest_shop", items=basket)["total"] for basket in baskets]
    kept = baskets[totals.index(min(totals))]
    desk.call("add_to_shopping_list", items=kept)
    frames = (
        "Either {0} or {1}: find the lowest price of each, then put the one that costs less on the shopping list, for any shop.",
        "I can afford {0} or {1} but not both. See what each costs at its cheapest shop and list the less expensive one, no shop named.",
        "compare {0} (cheapest shop) with {1} (cheapest shop); the lower total goes on the shopping list, any shop",
        "Please check at which price {0} can be had, and {1} likewise. Only the cheaper of the two goes on our list, without a shop.",
    )
    return Request(desk.say(frames, *(desk.wares(basket) for basket in baskets)), lookups=2)
