"""Requests about payments between friends."""

from __future__ import annotations

from typing import Any

from envs.mobile_app.queries.desk import MobileAppDesk, amount_answer
from envs.scenario.choice import other_orders
from envs.scenario.desk import Request, recipe

SHARED = (30, 36, 48, 60, 72, 84, 90, 120)  # euros, which two to four people can share


@recipe("send_payment")
def pay(desk: MobileAppDesk) -> Request:
    friend, amount, details, tail = desk.friend(), desk.amount(), {}, ""
    if desk.chance():
        details["note"] = desk.thing()
        tail = f" with the note '{details['note']}'"
    said = desk.called(friend)
    desk.call("send_payment", to=said, amount=amount, **details)
    frames = (
        "Pay {friend} {amount}{tail}.",
        "Please send {amount} to {friend}{tail}.",
        "{amount} -> {friend}{tail}",
        "I owe {friend} {amount}. Settle it in the payment app{tail}.",
        "Could you transfer {amount} to {friend}{tail}?",
        "{friend} gets {amount} from me, please see to the payment{tail}.",
    )
    return Request(desk.say(frames, friend=said, amount=desk.euros(amount), tail=tail))


@recipe("send_payment")
def pay_openly(desk: MobileAppDesk) -> Request:
    friend, amount, note = desk.friend(), desk.amount(), desk.thing()
    desk.call("send_payment", to=friend, amount=amount, note=note, shown_to_friends=True)
    frames = (
        "Pay {friend} {amount}, note '{note}', and let my friends see the payment.",
        "Please send {amount} to {friend} for '{note}' (that is the note). The payment may be shown to friends.",
        "{amount} -> {friend}, note '{note}', visible to friends",
        "My friends should see that I pay {friend} {amount}. Put '{note}' as the note.",
        "Could you make a payment of {amount} to {friend}, with '{note}' as its note and shown to friends?",
    )
    return Request(desk.say(frames, friend=friend, amount=desk.euros(amount), note=note))


@recipe("send_payment")
def balance_after(desk: MobileAppDesk) -> Request:
    friend, amount = desk.friend(), desk.amount()
    balance = desk.call("send_payment", to=friend, amount=amount)["balance"]
    frames = (
        "Pay {friend} {amount} and tell me what balance is left.",
        "How much money do I have left once you have sent {amount} to {friend}? Please send it.",
        "{amount} -> {friend}, remaining balance?",
        "Transfer {amount} to {friend}, please, and report the balance after it.",
    )
    return Request(desk.say(frames, friend=friend, amount=desk.euros(amount)), f"{balance:.2f} euros are left.", amount_answer(balance))


@recipe("request_payment")
def claim(desk: MobileAppDesk) -> Request:
    people, amount, note = desk.several(desk.world.friends, desk.number(1, 2)), desk.amount(), desk.thing()
    desk.call("request_payment", {"people": other_orders(people)}, people=people, amount=amount, note=note)
    each = " each" if len(people) > 1 else ""
    frames = (
        "Request {amount}{each} from {people}, note '{note}'.",
        "Please send a payment request over {amount}{each} to {people}. The note is '{note}'.",
        "payment request: {people}, {amount}{each}, note '{note}'",
        "I get {amount}{each} back from {people}. Request it in the payment app with '{note}' as the note.",
        "Could you bill {people} for {amount}{each}? Give the payment request the note '{note}'.",
        "Let a request for {amount}{each} go out to {people}; note it as '{note}'.",
    )
    return Request(desk.say(frames, people=desk.listed(people), amount=desk.euros(amount), each=each, note=note))


@recipe("request_payment")
def claim_share(desk: MobileAppDesk) -> Request:
    people, amount, split = desk.several(desk.world.friends, desk.number(2, 3)), desk.pick(SHARED), desk.pick(("among_them", "with_me"))
    each = desk.call("request_payment", {"people": other_orders(people)}, people=people, amount=amount, split=split)["each"]
    frames = {
        "among_them": (
            "Request {amount} in all from {people}, who share it among them. How much is it for each?",
            "{people} owe me {amount} together. Please send them payment requests that split it among them and tell me the share.",
            "payment request, {amount} split among {people} (not me): share of each?",
            "I paid {amount} for {people}, not for myself. Ask for it in the payment app, split between them; what does each pay?",
        ),
        "with_me": (
            "I paid {amount} for {people} and me. Request their shares, all of us paying the same. How much is it for each?",
            "Please split {amount} equally between {people} and myself and send them the payment requests. What is the share?",
            "payment request, {amount} shared by {people} plus me: share of each?",
            "We share {amount}, {people} as well as I. Bill the others in the payment app and tell me what each one pays.",
        ),
    }[split]
    query = desk.say(frames, people=desk.listed(people), amount=desk.euros(amount))
    return Request(query, f"Each pays {each:.2f} euros.", amount_answer(each))


@recipe("request_payment")
def claim_until(desk: MobileAppDesk) -> Request:
    friend, amount, due = desk.friend(), desk.amount(), desk.day()
    details: dict[str, Any] = {}
    tail = ""
    if desk.chance():
        details["note"] = desk.thing()
        tail = f" Note: '{details['note']}'."
    desk.call("request_payment", people=[friend], amount=amount, due=due, **details)
    frames = (
        "Request {amount} from {friend}, due {due}.{tail}",
        "{friend} should pay me {amount} by {due}. Please send the payment request.{tail}",
        "payment request to {friend}, {amount}, due date {due}.{tail}",
        "I would like {amount} from {friend} no later than {due}; make it a payment request.{tail}",
        "Could you bill {friend} for {amount} with {due} as the due date?{tail}",
    )
    return Request(desk.say(frames, friend=friend, amount=desk.euros(amount), due=desk.dated(due), tail=tail))


@recipe("send_payment", asks=True)
def pay_how_much(desk: MobileAppDesk) -> Request:
    friend, amount, note = desk.friend(), desk.amount(), desk.thing()
    desk.ask(f"How much should {friend} get?")
    desk.call("send_payment", to=friend, amount=amount, note=note)
    frames = (
        "Pay {friend} for me, with '{note}' as the note.",
        "I have to send {friend} money. The note is '{note}'.",
        "payment to {friend}, note '{note}'",
        "Could you pay {friend} back, please? Put '{note}' in the note.",
    )
    replies = ("It is {amount}.", "Send {amount}.")
    return Request(desk.say(frames, friend=friend, note=note), reply=desk.say(replies, amount=desk.euros(amount)))


@recipe("request_payment", asks=True)
def claim_from_whom(desk: MobileAppDesk) -> Request:
    friend, amount, note = desk.friend(), desk.amount(), desk.thing()
    desk.ask("From whom should I request the money?")
    desk.call("request_payment", people=[friend], amount=amount, note=note)
    frames = (
        "Send a payment request over {amount}, note '{note}'.",
        "A friend owes me {amount}. Request the money with the note '{note}'.",
        "payment request: {amount}, note '{note}'",
        "I want {amount} back from somebody, noted as '{note}'. Please send the payment request.",
    )
    replies = ("From {friend}.", "{friend} has to pay it.")
    return Request(desk.say(frames, amount=desk.euros(amount), note=note), reply=desk.say(replies, friend=friend))


@recipe("send_payment", "request_payment")
def pay_and_claim(desk: MobileAppDesk) -> Request:
    (payee, *others), amount, note = desk.several(desk.world.friends, 3), desk.pick(SHARED), desk.thing()
    desk.call("send_payment", to=payee, amount=amount, note=note)
    desk.call("request_payment", {"people": other_orders(others)}, people=others, amount=amount, note=note, split="with_me")
    frames = (
        "Pay {payee} {amount}, note '{note}'. Then request that sum from {others} with the same note, split between them and me.",
        "First {payee} gets {amount} for '{note}', as the note should say. After that bill {others}, same note: we three share the amount.",
        "Please send {payee} {amount} (note '{note}') and, once paid, request it from {others}, shared equally with me, note unchanged.",
        "{amount} -> {payee}, note '{note}'; then payment request to {others}, same sum and note, split with me",
    )
    return Request(desk.say(frames, payee=payee, amount=desk.euros(amount), note=note, others=desk.listed(others)))
