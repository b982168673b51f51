"""Requests about chats and calls."""

from __future__ import annotations

from typing import Any

from envs.mobile_app.queries.desk import MobileAppDesk, amount_answer
from envs.mobile_app.world import Call, Fact, Message, Voicemail
from envs.scenario.clock import time_of_day
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer

KINDS = {"missed": "missed calls", "incoming": "incoming calls", "outgoing": "outgoing calls"}


def telling(desk: MobileAppDesk, kind: str) -> tuple[Message, Fact]:
    """A message that tells a fact of that kind."""
    return desk.pick([(message, message.fact) for message in desk.world.messages.values() if message.fact and message.fact.kind == kind])


def look_up(desk: MobileAppDesk, text: str) -> dict[str, Any]:
    """What search_messages shows of the only message with a text."""
    found = desk.call("search_messages", text=text)
    assert found["count"] == 1
    return found["messages"][0]


def latest(desk: MobileAppDesk, kind: str) -> list[Call]:
    """The calls of a kind, latest first."""
    return [call for call in reversed(desk.world.calls) if call.kind == kind]


def last_missed(desk: MobileAppDesk) -> dict[str, Any]:
    """What list_calls shows of the latest missed call."""
    return desk.call("list_calls", kind="missed")["calls"][0]


def voicemail_of(desk: MobileAppDesk, kind: str = "") -> Voicemail:
    """A voicemail, if need be one that tells a fact of that kind."""
    return desk.pick([found for found in desk.world.voicemails.values() if not kind or (found.fact and found.fact.kind == kind)])


def find_voicemail(desk: MobileAppDesk, voicemail: Voicemail) -> str:
    """The id of a voicemail as the missed calls of its caller show it."""
    calls = desk.call("list_calls", kind="missed", name=voicemail.caller)["calls"]
    return next(call["voicemail"] for call in calls if "voicemail" in call)


@recipe("send_message")
def send(desk: MobileAppDesk) -> Request:
    chat, text = desk.chat(), desk.reply()
    said = desk.called(chat) if chat in desk.world.friends else chat
    desk.call("send_message", chat=said, text=text)
    frames = (
        "Send '{text}' to {chat}.",
        "Please text {chat}: '{text}'",
        "msg to {chat}: '{text}'",
        "Could you let {chat} know by chat: '{text}'",
        "My answer for {chat} is '{text}' Put it in the chat.",
        "I want to write to {chat}. The message is '{text}'",
    )
    return Request(desk.say(frames, chat=f"the group '{chat}'" if chat in desk.world.groups else said, text=text))


@recipe("send_message")
def send_later(desk: MobileAppDesk) -> Request:
    friend, text = desk.friend(), desk.reply()
    moment = f"{desk.day()} {time_of_day(desk.number(14, 44) * 30)}"
    desk.call("send_message", chat=friend, text=text, send_at=moment)
    frames = (
        "Schedule a message to {chat} {moment}: '{text}'",
        "{chat} should get '{text}' as a chat message, but only {moment}.",
        "Please do not send it yet: '{text}' goes to {chat} {moment}.",
        "delayed msg, {moment}, to {chat}: '{text}'",
        "I might forget to write to {chat}. Have '{text}' sent {moment}.",
    )
    return Request(desk.say(frames, chat=friend, text=text, moment=desk.moment(moment)))


@recipe("send_message")
def answer_message(desk: MobileAppDesk) -> Request:
    message, text = desk.pick(list(desk.world.messages.values())), desk.reply()
    desk.call("send_message", chat=message.chat, text=text, reply_to=message.id)
    frames = (
        "Reply to message {id} in the chat '{chat}' with '{text}'",
        "Chat '{chat}', message {id}: please answer '{text}' to it.",
        "{id} in '{chat}' needs a reply. Write '{text}'",
        "answer {id} ('{chat}'): '{text}'",
        "Could you respond directly to {id}, which is in my chat '{chat}', saying '{text}'",
    )
    return Request(desk.say(frames, id=message.id, chat=message.chat, text=text))


@recipe("search_messages")
def count_unread(desk: MobileAppDesk) -> Request:
    chat = desk.pick(list(desk.world.messages.values())).chat
    count = desk.call("search_messages", chat=chat, unread_only=True)["count"]
    frames = (
        "How many unread messages are there in the chat '{chat}'?",
        "Count what I have not read yet in '{chat}', please.",
        "I have been away. How much is unread in my chat '{chat}'? A number will do.",
        "unread in chat '{chat}': how many?",
        "Please check how many messages of '{chat}' I still have to read.",
    )
    return Request(desk.say(frames, chat=chat), f"Unread messages: {count}.", number_answer(count))


@recipe("search_messages")
def who_wrote(desk: MobileAppDesk) -> Request:
    _, fact = telling(desk, desk.pick(("bill", "address")))
    found = look_up(desk, fact.subject)
    frames = (
        "Who sent me the chat message about the '{subject}'?",
        "Somebody wrote to me about the '{subject}'. Who was it?",
        "Please search all my chats for '{subject}' and tell me who wrote that.",
        "which friend texted me the words '{subject}'?",
        "I remember a message with '{subject}' in it, but not its sender. Find out the name.",
        "sender of the chat message with '{subject}'?",
    )
    return Request(desk.say(frames, subject=fact.subject), f"It was {found['from']}.", (found["from"],))


@recipe("search_messages")
def what_message_tells(desk: MobileAppDesk) -> Request:
    _, fact = telling(desk, desk.pick(("bill", "address")))
    look_up(desk, fact.subject)
    if fact.kind == "bill":
        frames = (
            "A friend texted me what I owe for the '{subject}'. How much is it?",
            "Please look in my chats for '{subject}' and tell me the amount.",
            "What does the '{subject}' cost me? It says so in one of my messages.",
            "amount for '{subject}', see chats?",
        )
        return Request(desk.say(frames, subject=fact.subject), f"It is {fact.value} euros.", amount_answer(float(fact.value)))
    frames = (
        "A friend texted me the address of the '{subject}'. What is it?",
        "Please look in my chats for '{subject}' and read the address to me.",
        "Where is the '{subject}'? It says so in one of my messages.",
        "address of '{subject}', see chats?",
    )
    return Request(desk.say(frames, subject=fact.subject), f"It is {fact.value}.", (fact.value,))


@recipe("list_calls")
def count_calls(desk: MobileAppDesk) -> Request:
    kind = desk.pick(tuple(KINDS))
    call = desk.pick(latest(desk, kind))
    if desk.chance():
        count = desk.call("list_calls", kind=kind, name=call.name)["count"]
        which = f"with {call.name}" if kind != "outgoing" else f"to {call.name}"
    else:
        count = desk.call("list_calls", kind=kind, since=call.date)["count"]
        which = f"since {desk.dated(call.date)} (that day included)"
    frames = (
        "How many {kind} {which} are in my call log?",
        "Count the {kind} {which}, please.",
        "Please look at the call log: how many {kind} {which}?",
        "{kind} {which}: number?",
        "I would like to know the number of {kind} {which}.",
    )
    which = which.replace("with", "from") if kind != "outgoing" else which
    return Request(desk.say(frames, kind=KINDS[kind], which=which), f"Calls: {count}.", number_answer(count))


@recipe("list_calls")
def talk_time(desk: MobileAppDesk) -> Request:
    name = desk.pick([call for call in desk.world.calls if call.minutes]).name
    minutes = desk.call("list_calls", name=name)["minutes"]
    frames = (
        "How many minutes did I talk to {name} on the phone, all calls together?",
        "Add up the length of every call with {name}, please.",
        "{name} says that we phone too much. How many minutes is it in the whole call log?",
        "total call minutes with {name}?",
        "Please tell me for how long I have been on the phone with {name} altogether.",
    )
    return Request(desk.say(frames, name=name), f"It is {minutes} minutes.", number_answer(minutes))


@recipe("list_calls")
def last_caller(desk: MobileAppDesk) -> Request:
    kind = desk.pick(("missed", "outgoing"))
    found = desk.call("list_calls", kind=kind)["calls"][0]
    frames = {
        "missed": (
            "Whose call did I miss last?",
            "My phone was silent. Who is at the top of my missed calls?",
            "Please tell me who made the latest call that I missed.",
            "last missed call: from whom?",
        ),
        "outgoing": (
            "Whom did I call last?",
            "Please tell me whose number I dialled most recently.",
            "I phoned somebody the other day. Who was my latest outgoing call to?",
            "last outgoing call: to whom?",
        ),
    }
    return Request(desk.say(frames[kind]), f"It is {found['name']}.", (found["name"],))


@recipe("play_voicemail")
def play(desk: MobileAppDesk) -> Request:
    found = desk.call("play_voicemail", voicemail_id=voicemail_of(desk).id)
    frames = (
        "Play voicemail {id}. Who left it?",
        "Please listen to the voicemail {id} and tell me who is speaking.",
        "There is a voicemail {id} that I have not heard. Whose voice is on it?",
        "{id}: play it, from whom?",
        "Could you put on voicemail {id} for me and say who it is from?",
        "I want to hear {id} from my mailbox and to know the caller.",
    )
    played = desk.calls[-1].arguments["voicemail_id"]
    return Request(desk.say(frames, id=played), f"It is from {found['from']}: {found['text']}", (found["from"],))


@recipe("play_voicemail")
def play_and_clear(desk: MobileAppDesk) -> Request:
    voicemail, afterwards = voicemail_of(desk), desk.pick(("archive", "delete"))
    found = desk.call("play_voicemail", voicemail_id=voicemail.id, afterwards=afterwards)
    frames = (
        "Play voicemail {id}, then {do} it.",
        "Let me hear {id} from the voicemail. {do_it} it once it has been played.",
        "Voicemail {id}: listen and {do}.",
        "After playing the voicemail {id}, please {do} it.",
        "I need to hear {id} one time only, so {do} that voicemail afterwards.",
    )
    return Request(desk.say(frames, id=voicemail.id, do=afterwards, do_it=afterwards.capitalize()), f"It says: {found['text']}")


@recipe("play_voicemail")
def what_voicemail_tells(desk: MobileAppDesk) -> Request:
    voicemail = voicemail_of(desk, kind := desk.pick(("bill", "address")))
    assert voicemail.fact
    desk.call("play_voicemail", voicemail_id=voicemail.id)
    asked = "amount" if kind == "bill" else "address"
    frames = (
        "Which {asked} does the voicemail {id} mention?",
        "Please play voicemail {id} and write out the {asked} for me.",
        "The voicemail {id} has an {asked} in it. What is it?",
        "{id}: what {asked} does the caller say?",
    )
    answer = amount_answer(float(voicemail.fact.value)) if kind == "bill" else (voicemail.fact.value,)
    return Request(desk.say(frames, id=voicemail.id, asked=asked), f"It is {voicemail.fact.value}.", answer)


@recipe("send_message", asks=True)
def send_what(desk: MobileAppDesk) -> Request:
    friend, text = desk.friend(), desk.reply()
    desk.ask(f"What should the message to {friend} say?")
    desk.call("send_message", chat=friend, text=text)
    frames = (
        "Send {chat} a message, please.",
        "I have to text {chat}. Can you do it for me?",
        "chat message to {chat}",
        "Please write to {chat} in the chat app.",
    )
    replies = ("Write '{text}'", "It should say '{text}'", "'{text}'")
    return Request(desk.say(frames, chat=friend), reply=desk.say(replies, text=text))


@recipe("play_voicemail", asks=True)
def play_which(desk: MobileAppDesk) -> Request:
    voicemail = voicemail_of(desk)
    desk.ask("Which voicemail do you mean? Please tell me its id.")
    found = desk.call("play_voicemail", voicemail_id=voicemail.id, afterwards="delete")
    frames = (
        "Play one of my voicemails for me and delete it after that. I have its id here.",
        "There is a voicemail that I want to hear and then delete; I can give you the id.",
        "voicemail: play, then delete (I will tell you the id)",
        "Please put on a certain voicemail, whose id I know, and delete it afterwards.",
    )
    return Request(
        desk.say(frames), f"It says: {found['text']}", reply=desk.say(("It is {id}.", "The one with the id {id}."), id=voicemail.id)
    )


@recipe("search_messages", "send_message")
def find_and_answer(desk: MobileAppDesk) -> Request:
    _, fact = telling(desk, desk.pick(("bill", "address")))
    text = desk.reply()
    found = look_up(desk, fact.subject)
    desk.call("send_message", chat=found["chat"], text=text, reply_to=found["id"])
    frames = (
        "Find the message about the '{subject}' in my chats and reply to it with '{text}'",
        "Somebody wrote about the '{subject}'. Answer that very message: '{text}'",
        "Please look for '{subject}' in the chats and send '{text}' as a direct reply to it.",
        "chats: search '{subject}', reply to that message: '{text}'",
        "I owe an answer to the message with '{subject}'. Reply to it, in the same chat, with '{text}'",
    )
    return Request(desk.say(frames, subject=fact.subject, text=text))


@recipe("list_calls", "send_message")
def text_missed_caller(desk: MobileAppDesk) -> Request:
    text = desk.reply()
    name = last_missed(desk)["name"]
    desk.call("send_message", chat=name, text=text)
    frames = (
        "Find out whose call I missed last and send them '{text}'",
        "I could not pick up. Text '{text}' to whoever is first among my missed calls.",
        "Please look up my latest missed call and write '{text}' to that friend.",
        "last missed caller gets the message '{text}'",
        "Somebody rang in vain. See who the latest missed call is from and text back '{text}'",
    )
    return Request(desk.say(frames, text=text))


@recipe("list_calls", "play_voicemail")
def find_and_play(desk: MobileAppDesk) -> Request:
    voicemail = voicemail_of(desk)
    voicemail_id = find_voicemail(desk, voicemail)
    afterwards = desk.pick(("archive", "delete"))
    found = desk.call("play_voicemail", voicemail_id=voicemail_id, afterwards=afterwards)
    frames = (
        "I missed a call from {name}. Find the voicemail in the missed calls from {name}, play it and then {do} it.",
        "Look at the missed calls from {name}: there is a voicemail. Play that, then {do} it.",
        "Please search the missed calls by {name} for a voicemail, let me hear it and {do} it after that.",
        "missed calls of {name} -> voicemail -> play, then {do}",
        "{name} left a voicemail with one of the calls I missed. Play it for me, {do} it afterwards.",
    )
    return Request(desk.say(frames, name=voicemail.caller, do=afterwards), f"It says: {found['text']}")


@recipe("list_calls", "play_voicemail", "send_message")
def play_and_answer(desk: MobileAppDesk) -> Request:
    voicemail, text = voicemail_of(desk), desk.reply()
    voicemail_id = find_voicemail(desk, voicemail)
    desk.call("play_voicemail", voicemail_id=voicemail_id)
    desk.call("send_message", chat=voicemail.caller, text=text)
    frames = (
        "Find the voicemail among the missed calls from {name}, play it, then text {name} '{text}'",
        "{name} left a voicemail with a call that I missed. Look through those missed calls, play it, and answer '{text}' by chat.",
        "First the missed calls from {name}, then the voicemail that is there, then a message back: '{text}'",
        "{name}: missed calls -> play voicemail -> chat '{text}'",
        "Please play what {name} left when I missed the call, which the missed calls of {name} show. After that write '{text}' to {name}.",
    )
    return Request(desk.say(frames, name=voicemail.caller, text=text))
