"""Requests about money."""

from __future__ import annotations

from envs.daily_life.queries.desk import DailyLifeDesk, money_answer
from envs.daily_life.vocabulary import CURRENCY_NAMES
from envs.daily_life.world import Bill
from envs.scenario.desk import Request, recipe
from envs.scenario.rounding import tidy


def foreign(desk: DailyLifeDesk) -> str:
    return desk.other(list(desk.world.rates), desk.world.currency)


def sum_abroad(desk: DailyLifeDesk, currency: str) -> float:
    """An amount of a foreign currency that is worth between some and a few hundred euros."""
    worth = desk.number(8, 240) * desk.world.rates[currency]
    return tidy(worth, -1) if worth > 200 else tidy(worth, 0)


def open_bill(desk: DailyLifeDesk) -> Bill:
    return desk.pick(list(desk.world.bills.values()))


def named(desk: DailyLifeDesk, bill: Bill) -> tuple[str, str, dict[str, tuple[str, ...]]]:
    """The words for a bill, the value that they give, and the values that are as good."""
    forms = (
        (f"the {bill.subject} bill", bill.subject, ()),
        (f"the bill from {bill.biller}", bill.biller, ()),
        (f"the {bill.subject} bill from {bill.biller}", bill.subject, (bill.biller,)),
    )
    said, value, others = desk.pick(forms)
    return said, value, {"bill": others}


@recipe("check_budget")
def left_of_budget(desk: DailyLifeDesk) -> Request:
    category = desk.pick(list(desk.world.budgets))
    left = desk.call("check_budget", category=category)["left"]
    frames = (
        "How much is left of our {category} budget this month?",
        "What can we still spend on {category} this month?",
        "Please look at the {category} budget and tell me what remains.",
        "{category} budget: remaining?",
        "I am afraid that we overdid it with {category}. How much of that budget have we still got?",
        "Before I promise anything, I need to know the rest of the month's money for {category}.",
        "Is there anything over in the budget for {category}? Name the amount.",
    )
    return Request(desk.say(frames, category=category), f"{left} {desk.world.currency} are left.", money_answer(left))


@recipe("check_budget")
def left_after_expense(desk: DailyLifeDesk) -> Request:
    category = desk.pick(list(desk.world.budgets))
    budget = desk.world.budgets[category]
    planned = desk.number(1, max(1, int((budget.limit - budget.spent) // 6))) * 5
    left = desk.call("check_budget", category=category, planned=planned)["left"]
    frames = (
        "If I spend another {planned} on {category}, what will be left of that budget?",
        "There is something for {planned} that I would like to have. What would remain of the {category} budget afterwards?",
        "Please tell me how the {category} budget would stand after an expense of {planned}.",
        "{category} budget minus {planned} planned: remaining?",
        "We are thinking of spending {planned}, out of the money for {category}. How much would still be there this month?",
        "Suppose {planned} more goes on {category}: the rest of the budget is then what?",
    )
    query = desk.say(frames, category=category, planned=desk.money(planned))
    return Request(query, f"{left} {desk.world.currency} would be left.", money_answer(left))


@recipe("convert_currency")
def convert(desk: DailyLifeDesk) -> Request:
    source, target = desk.several(list(desk.world.rates), 2)
    amount = sum_abroad(desk, source)
    converted = desk.call("convert_currency", amount=amount, source=source, target=target)["amount"]
    frames = (
        "How much is {amount} in {target}?",
        "What would {amount} be worth in {target} today?",
        "Please convert {amount} to {target}.",
        "{amount} -> {target}?",
        "I have seen a coat for {amount}. Tell me the price in {target}.",
        "A friend asks what {amount} come to if one thinks in {target}.",
    )
    target_words = desk.pick((target, CURRENCY_NAMES[target]))
    query = desk.say(frames, amount=desk.money(amount, source), target=target_words)
    return Request(query, f"That is {converted} {target}.", money_answer(converted))


@recipe("convert_currency")
def convert_with_fee(desk: DailyLifeDesk) -> Request:
    target, fee = foreign(desk), desk.pick((1, 1.5, 2, 2.5, 3))
    amount = desk.number(2, 40) * 10
    arguments = {"amount": amount, "source": desk.world.currency, "target": target, "fee_percent": fee}
    converted = desk.call("convert_currency", **arguments)["amount"]
    frames = (
        "The exchange office keeps {fee} percent. How many {target} do I get for {amount}?",
        "If I change {amount} into {target} and pay a fee of {fee}%, how much do I end up with?",
        "{amount} into {target} less {fee} % fee?",
        "Please work out what {amount} bring in {target} at a counter that charges {fee} percent.",
        "I have {amount} for the holiday. At {fee}% commission, what amount of {target} is that?",
        "What is left in {target} of {amount}, once the bank has taken its {fee} percent?",
    )
    query = desk.say(frames, amount=desk.money(amount), target=CURRENCY_NAMES[target], fee=f"{fee:g}")
    return Request(query, f"You get {converted} {target}.", money_answer(converted))


@recipe("convert_currency", asks=True)
def convert_to_what(desk: DailyLifeDesk) -> Request:
    source, target = desk.several(list(desk.world.rates), 2)
    amount = sum_abroad(desk, source)
    desk.ask("Into which currency?")
    converted = desk.call("convert_currency", amount=amount, source=source, target=target)["amount"]
    frames = (
        "Convert {amount} for me.",
        "I found {amount} in an old wallet. What is that worth in the currency I need?",
        "{amount}, converted?",
        "Please tell me how much {amount} would be in the other currency.",
        "Change {amount} at today's rate. How much do I get?",
    )
    reply = desk.say(("Into {target}.", "I need {target}.", "In {target}, please."), target=CURRENCY_NAMES[target])
    return Request(
        desk.say(frames, amount=desk.money(amount, source)), f"That is {converted} {target}.", money_answer(converted), reply=reply
    )


@recipe("pay_bill")
def pay(desk: DailyLifeDesk) -> Request:
    said, value, accept = named(desk, open_bill(desk))
    desk.call("pay_bill", accept, bill=value)
    frames = (
        "Pay {bill}.",
        "Please settle {bill} in full from the current account.",
        "I do not want another letter about {bill}. Pay it all today.",
        "{bill}: pay",
        "Could you take care of {bill}? The whole amount, current account.",
        "It is time that {bill} gets paid, so please do that.",
    )
    return Request(desk.say(frames, bill=said))


@recipe("pay_bill")
def pay_part(desk: DailyLifeDesk) -> Request:
    bill = open_bill(desk)
    said, value, accept = named(desk, bill)
    amount = desk.number(1, int(bill.amount - 1) // 5) * 5
    still = desk.call("pay_bill", accept, bill=value, amount=amount)["open"]
    frames = (
        "Pay {amount} towards {bill} and tell me what is still open.",
        "I can only spare {amount} for {bill} right now. Pay that much; how much do we owe after it?",
        "{bill}: part payment of {amount}, remaining?",
        "Please make a payment of {amount} on {bill} and let me know the rest.",
        "Not all of {bill} this time, just {amount} of it. What stays open then?",
        "A first {amount} of {bill} should go out today. After that, what do they still want from us?",
    )
    query = desk.say(frames, amount=desk.money(amount), bill=said)
    return Request(query, f"{still} {desk.world.currency} are still open.", money_answer(still))


@recipe("pay_bill")
def pay_from_savings(desk: DailyLifeDesk) -> Request:
    said, value, accept = named(desk, open_bill(desk))
    desk.call("pay_bill", accept, bill=value, account="savings")
    frames = (
        "Pay {bill} from our savings.",
        "The current account is needed for the rent, so pay {bill} out of the savings account.",
        "{bill}: pay, account savings",
        "Please use the savings to settle {bill}, all of it.",
        "Take the money for {bill} from savings and pay it.",
        "Would you clear {bill}? The savings account should cover it.",
    )
    return Request(desk.say(frames, bill=said))


@recipe("transfer_money")
def transfer(desk: DailyLifeDesk) -> Request:
    to, amount = desk.payee(), desk.price()
    details, tail = {}, ""
    if desk.chance(0.6):
        details["reference"] = desk.reference()
        tail = desk.pick((", reference '{0}'", ", with the reference '{0}'", ", and write '{0}' as the reference")).format(
            details["reference"]
        )
    desk.call("transfer_money", to=to, amount=amount, **details)
    frames = (
        "Transfer {amount} to {to}{tail}.",
        "I still owe {to} money. Please send {amount}{tail}.",
        "{to} gets {amount} from me{tail}. Make the transfer.",
        "{amount} -> {to}{tail}",
        "Could you move {amount} from my account to {to}{tail}?",
        "{to} paid for all of us, so {amount} has to go there{tail}.",
        "Send {to} the sum of {amount}{tail}, please.",
    )
    return Request(desk.say(frames, amount=desk.money(amount), to=to, tail=tail))


@recipe("transfer_money")
def between_accounts(desk: DailyLifeDesk) -> Request:
    amount, saving = desk.number(2, 20) * 50, desk.chance()
    ends = ("current", "savings") if saving else ("savings", "current")
    balance = desk.call("transfer_money", to=ends[1], amount=amount, account=ends[0])["balance"]
    frames = (
        "Move {amount} from the {0} account to the {1} account. What is left on the first?",
        "Please shift {amount} over from {0} to {1} and tell me the new balance of the {0} account.",
        "{amount}, {0} -> {1}; balance of {0} afterwards?",
        "I want {amount} less on the {0} account and that much more on {1}. How much does {0} hold after that?",
        "Between our own accounts: {amount} out of {0}, into {1}. Then name what {0} still has.",
    )
    query = desk.say(frames, *ends, amount=desk.money(amount))
    return Request(query, f"{balance} {desk.world.currency} are left.", money_answer(balance))


@recipe("transfer_money", asks=True)
def transfer_how_much(desk: DailyLifeDesk) -> Request:
    to, amount, reference = desk.payee(), desk.price(), desk.reference()
    desk.ask("How much?")
    desk.call("transfer_money", to=to, amount=amount, reference=reference)
    frames = (
        "Transfer {to} the money for '{reference}', using that as the reference.",
        "I have to pay {to} back. Send it with the reference '{reference}'.",
        "transfer to {to}, reference '{reference}'",
        "Please send {to} what I owe. The reference should read '{reference}'.",
        "Could you do a transfer to {to} for me? Put '{reference}' as the reference.",
    )
    reply = desk.say(("It is {amount}.", "{amount}.", "I owe exactly {amount}."), amount=desk.money(amount))
    return Request(desk.say(frames, to=to, reference=reference), reply=reply)


@recipe("convert_currency", "transfer_money")
def pay_back_abroad(desk: DailyLifeDesk) -> Request:
    to, currency = desk.payee(), foreign(desk)
    amount = sum_abroad(desk, currency)
    converted = desk.call("convert_currency", amount=amount, source=currency, target=desk.world.currency)["amount"]
    desk.call("transfer_money", to=to, amount=converted)
    frames = (
        "{to} paid {amount} for me on holiday. Convert that to {home} and transfer it.",
        "Please work out what {amount} are in {home} and send {to} that sum.",
        "{amount} in {home} -> transfer to {to}",
        "I borrowed {amount} from {to}. Give it back in {home}, at today's rate.",
        "The flat cost {amount} and {to} advanced it. Turn the sum into {home}, then make the transfer.",
    )
    home = desk.pick((desk.world.currency, CURRENCY_NAMES[desk.world.currency]))
    return Request(desk.say(frames, to=to, amount=desk.money(amount, currency), home=home))


@recipe("check_budget", "transfer_money")
def save_the_rest(desk: DailyLifeDesk) -> Request:
    category = desk.pick(list(desk.world.budgets))
    left = desk.call("check_budget", category=category)["left"]
    desk.call("transfer_money", to="savings", amount=left)
    frames = (
        "Whatever is left of the {category} budget goes to savings. Check it and transfer that from the current account.",
        "Please see how much of the {category} budget we have not spent and move exactly that to the savings account.",
        "rest of {category} budget -> savings",
        "I want to put aside what remains for {category} this month: look it up, then transfer it to our savings.",
        "We will not spend any more on {category}. Send the unspent part of its budget from current to savings.",
    )
    return Request(desk.say(frames, category=category))


@recipe("pay_bill", "check_budget")
def pay_and_check(desk: DailyLifeDesk) -> Request:
    said, value, accept = named(desk, open_bill(desk))
    category = desk.call("pay_bill", accept, bill=value)["budget"]
    left = desk.call("check_budget", category=category)["left"]
    frames = (
        "Pay {bill} and then tell me what is left of the budget it counts towards.",
        "Settle {bill} in full. How much remains in that budget afterwards?",
        "{bill}: pay, then what is left of its budget?",
        "Please pay {bill}; after that, look up the rest of whichever budget it belongs to.",
        "I would like {bill} to be paid, and then to know how the budget concerned stands.",
    )
    query = desk.say(frames, bill=said)
    return Request(query, f"{left} {desk.world.currency} are left for {category}.", money_answer(left))


@recipe("pay_bill", "check_budget", "transfer_money")
def pay_check_save(desk: DailyLifeDesk) -> Request:
    said, value, accept = named(desk, open_bill(desk))
    category = desk.call("pay_bill", accept, bill=value)["budget"]
    left = desk.call("check_budget", category=category)["left"]
    desk.call("transfer_money", to="savings", amount=left)
    frames = (
        "Pay {bill}, then check what is left of the budget it falls under, and transfer that rest to savings.",
        "Settle {bill} first. What its budget has left afterwards should go from the current account to savings.",
        "{bill}: pay; its budget: look up the rest; the rest -> savings",
        "Please pay {bill}; see how much remains in the budget that it counts towards, and put precisely that into our savings.",
    )
    return Request(desk.say(frames, bill=said))
