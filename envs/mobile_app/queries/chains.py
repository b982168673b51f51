"""Requests that lead through several areas of the phone, what one call returns being needed by a later one."""

from __future__ import annotations

from envs.mobile_app import vocabulary as words
from envs.mobile_app.queries import apps, audio, conversations, pictures, reminders, travel
from envs.mobile_app.queries.desk import MobileAppDesk, amount_answer
from envs.mobile_app.world import euros
from envs.scenario.desk import Request, recipe


def number(value: str) -> float:
    """An amount as a text tells it."""
    return euros(round(float(value) * 100))


@recipe("search_messages", "send_payment")
def pay_what_message_says(desk: MobileAppDesk) -> Request:
    _, fact = conversations.telling(desk, "bill")
    sender = conversations.look_up(desk, fact.subject)["from"]
    desk.call("send_payment", to=sender, amount=number(fact.value), note=fact.subject)
    frames = (
        "Somebody texted me what I owe for the '{subject}'. Find the message and pay the sender, note '{subject}'.",
        "Please look for '{subject}' in my chats and send whoever wrote it the amount, with the note '{subject}'.",
        "I still have to pay for the '{subject}', see chats. Pay the friend who wrote about it, and note '{subject}'.",
        "chats: search '{subject}' -> pay the sender that amount, note '{subject}'",
        "Settle the debt that a chat message with '{subject}' tells of: right sum, right friend, note '{subject}'.",
    )
    return Request(desk.say(frames, subject=fact.subject))


@recipe("search_messages", "save_place")
def save_what_message_says(desk: MobileAppDesk) -> Request:
    _, fact = conversations.telling(desk, "address")
    name, collection = fact.subject.capitalize(), desk.pick(tuple(travel.COLLECTIONS))
    conversations.look_up(desk, fact.subject)
    desk.call("save_place", name=name, address=fact.value, collection=collection)
    frames = (
        "A friend texted me where the '{subject}' is. Find the message and save the place as '{name}' on my {collection} list.",
        "Please look for '{subject}' in my chats and put the address on the map as '{name}', {collection} list.",
        "chats: search '{subject}', save that address as '{name}' ({collection} list of places)",
        "I want '{name}' on the {collection} list of my map. Its address is in a chat message with '{subject}'.",
        "Could you take the address of the '{subject}' from my chats and keep it on the {collection} list of places, named '{name}'?",
    )
    return Request(desk.say(frames, subject=fact.subject, name=name, collection=travel.COLLECTIONS[collection]))


@recipe("search_notes", "request_ride")
def ride_to_noted_address(desk: MobileAppDesk) -> Request:
    _, fact = reminders.telling(desk, "address")
    pickup = desk.place()
    reminders.look_up(desk, fact.subject)
    desk.call("request_ride", pickup=pickup, dropoff=fact.value)
    frames = (
        "Order me a ride from '{pickup}' to the address that my notes have for the '{subject}'.",
        "I am at '{pickup}' and must go to the '{subject}', whose address is in my notes. Book a car.",
        "Please find '{subject}' in the notes and call a driver from '{pickup}' to the address there.",
        "notes: address of '{subject}' -> ride from '{pickup}'",
        "My notes say where the '{subject}' is. Get me driven there from '{pickup}'.",
    )
    return Request(desk.say(frames, subject=fact.subject, pickup=pickup))


@recipe("find_route", "set_timer")
def timer_for_way(desk: MobileAppDesk) -> Request:
    (start, end), mode, label = desk.two_places(), desk.pick(("car", "bike", "walk")), desk.label()
    minutes = desk.call("find_route", start=start, end=end, mode=mode)["minutes"]
    desk.call("set_timer", seconds=60 * minutes, label=label)
    frames = (
        "Find out how many minutes it is from '{start}' to '{end}' {mode} and start a timer '{label}' of that length.",
        "I leave '{start}' for '{end}' now, {mode}. Let a timer labelled '{label}' ring when I should be there.",
        "Please set a timer '{label}' that runs exactly as long as the way from '{start}' to '{end}' {mode}.",
        "timer '{label}' = travel time '{start}' -> '{end}' {mode}",
        "How long is the way from '{start}' to '{end}' {mode}? Start a timer '{label}' over that many minutes.",
    )
    return Request(desk.say(frames, start=start, end=end, mode=travel.MODES[mode], label=label))


@recipe("find_route", "send_message")
def tell_travel_time(desk: MobileAppDesk) -> Request:
    (start, end), mode, friend = desk.two_places(), desk.pick(("car", "bike", "walk")), desk.friend()
    minutes = desk.call("find_route", start=start, end=end, mode=mode)["minutes"]
    desk.call("send_message", chat=friend, text=f"I need {minutes} minutes.")
    frames = (
        "Look up the minutes from '{start}' to '{end}' {mode} and text {friend} 'I need N minutes.', N being the number.",
        "{friend} waits at '{end}'. Message 'I need <minutes> minutes.' with the time that I take {mode} from '{start}'.",
        "Please let {friend} know 'I need <minutes> minutes.' as a chat message; I go from '{start}' to '{end}' {mode}.",
        "'{start}' -> '{end}' {mode}; msg to {friend}: 'I need <minutes> minutes.'",
    )
    return Request(desk.say(frames, start=start, end=end, mode=travel.MODES[mode], friend=friend))


@recipe("request_ride", "request_payment")
def split_fare(desk: MobileAppDesk) -> Request:
    (pickup, dropoff), friend = desk.two_places(), desk.friend()
    fare = desk.call("request_ride", pickup=pickup, dropoff=dropoff, party={"adults": 2})["fare"]
    each = desk.call("request_payment", people=[friend], amount=fare, note="taxi", split="with_me")["each"]
    frames = (
        "Book a ride for two adults from '{pickup}' to '{dropoff}', then request the fare from {friend}, split with me, note 'taxi'.",
        "{friend} and I, two adults, go from '{pickup}' to '{dropoff}' by car with a driver. Order it. Then bill {friend}: the fare shared "
        "with me, note 'taxi'.",
        "Please order a car for 2 adults, '{pickup}' to '{dropoff}'. We share the fare, so send {friend} a payment request, the sum split "
        "with me and noted as 'taxi'.",
        "ride for two adults '{pickup}' -> '{dropoff}'; then payment request to {friend}: fare, split with me, note 'taxi'",
    )
    return Request(desk.say(frames, pickup=pickup, dropoff=dropoff, friend=friend), f"The share is {each:.2f} euros.")


@recipe("play_voicemail", "create_note")
def note_voicemail(desk: MobileAppDesk) -> Request:
    voicemail = conversations.voicemail_of(desk)
    title = f"Voicemail from {voicemail.caller.split()[0]}"
    text = desk.call("play_voicemail", voicemail_id=voicemail.id)["text"]
    desk.call("create_note", title=title, text=text)
    frames = (
        "Play voicemail {id} and write its exact words into a note titled '{title}'.",
        "Please turn the voicemail {id} into a note, word by word. The title is '{title}'.",
        "voicemail {id} -> note '{title}', same words",
        "I want to keep what is said in the voicemail {id}. Put the wording into a new note, '{title}'.",
        "Could you listen to {id} in my voicemail and note it down unchanged as '{title}'?",
    )
    return Request(desk.say(frames, id=voicemail.id, title=title))


@recipe("search_songs", "create_post")
def post_song(desk: MobileAppDesk) -> Request:
    song = audio.song(desk)
    artist = audio.look_up(desk, song.title)["artist"]
    desk.call("create_post", text=f"I love {artist}!", audience="everyone")
    frames = (
        "Find out who sings '{title}' and post 'I love <artist>!' for everyone, with the artist filled in.",
        "Please look up the artist of the song '{title}'. Then everyone should see my post 'I love <artist>!'",
        "I cannot stop listening to '{title}'. Publish 'I love <artist>!' to everyone, the artist being whoever it is by.",
        "artist of '{title}' -> post for everyone: 'I love <artist>!'",
    )
    return Request(desk.say(frames, title=song.title))


@recipe("get_screen_time", "create_note")
def note_screen_time(desk: MobileAppDesk) -> Request:
    name, (days, span) = apps.app(desk).name, apps.span(desk)
    minutes = desk.call("get_screen_time", app=name, days=days)["minutes"]
    title = f"My time in {name}"
    desk.call("create_note", title=title, text=f"{minutes} minutes")
    frames = (
        "Look up how many minutes I used {app} in {span}, today included, and note it as 'N minutes' under the title '{title}'.",
        "Please write a note '{title}' that says '<total> minutes', the total of {app} over {span} with today.",
        "For my diary: a note '{title}' with the text '<total> minutes', which is my screen time in {app} for {span} up to today.",
        "{app}, {span} with today: total into a note '{title}' as '<total> minutes'",
    )
    return Request(desk.say(frames, app=name, span=span, title=title))


@recipe("play_voicemail", "send_payment", "send_message")
def pay_what_voicemail_says(desk: MobileAppDesk) -> Request:
    voicemail = conversations.voicemail_of(desk, "bill")
    assert voicemail.fact
    text, caller = desk.reply(), desk.call("play_voicemail", voicemail_id=voicemail.id)["from"]
    desk.call("send_payment", to=caller, amount=number(voicemail.fact.value))
    desk.call("send_message", chat=caller, text=text)
    frames = (
        "Play voicemail {id}, pay the caller the amount that is mentioned, and then text the same friend '{text}'",
        "The voicemail {id} says what I owe. Settle that with whoever left it and afterwards message them '{text}'",
        "Please listen to {id} in the voicemail, send the caller the money asked for, then the chat message '{text}'",
        "voicemail {id}: play; pay the caller that sum; then text '{text}'",
    )
    return Request(desk.say(frames, id=voicemail.id, text=text))


@recipe("search_messages", "send_payment", "send_message")
def pay_and_confirm(desk: MobileAppDesk) -> Request:
    _, fact = conversations.telling(desk, "bill")
    found, text = conversations.look_up(desk, fact.subject), desk.reply()
    desk.call("send_payment", to=found["from"], amount=number(fact.value), note=fact.subject)
    desk.call("send_message", chat=found["chat"], text=text, reply_to=found["id"])
    frames = (
        "Find the message about the '{subject}' in my chats, pay its sender the amount with the note '{subject}', then reply to it: "
        "'{text}'",
        "Somebody texted me what the '{subject}' costs me. First pay that friend, note '{subject}', then answer the message with '{text}'",
        "Please look for '{subject}' in the chats. Send the writer the sum (note '{subject}') and after that reply '{text}' to the "
        "message.",
        "chats '{subject}': pay sender the amount, note '{subject}'; then reply '{text}' to that message",
    )
    return Request(desk.say(frames, subject=fact.subject, text=text))


@recipe("find_route", "request_ride", "send_message")
def ride_and_tell(desk: MobileAppDesk) -> Request:
    (pickup, dropoff), friend = desk.two_places(), desk.friend()
    minutes = desk.call("find_route", start=pickup, end=dropoff)["minutes"]
    desk.call("request_ride", pickup=pickup, dropoff=dropoff)
    desk.call("send_message", chat=friend, text=f"I am there in {minutes} minutes.")
    frames = (
        "Check the minutes by car from '{pickup}' to '{dropoff}', order that ride, then text {friend} 'I am there in <minutes> minutes.'",
        "{friend} is waiting at '{dropoff}'. Look up the way by car from '{pickup}', then book the ride and last message 'I am there in "
        "<minutes> minutes.'",
        "Please find the way by car from '{pickup}' to '{dropoff}', book me a car with a driver for it, and let {friend} know by chat: "
        "'I am there in <minutes> minutes.'",
        "'{pickup}' -> '{dropoff}': minutes by car, then a ride, then msg {friend} 'I am there in <minutes> minutes.'",
    )
    return Request(desk.say(frames, pickup=pickup, dropoff=dropoff, friend=friend))


@recipe("list_calls", "play_voicemail", "create_note")
def note_found_voicemail(desk: MobileAppDesk) -> Request:
    voicemail = conversations.voicemail_of(desk)
    title = f"Voicemail from {voicemail.caller.split()[0]}"
    text = desk.call("play_voicemail", voicemail_id=conversations.find_voicemail(desk, voicemail))["text"]
    desk.call("create_note", title=title, text=text)
    frames = (
        "Find the voicemail among the missed calls from {name}, play it and write its exact words into a note '{title}'.",
        "{name} left a voicemail when I missed the call. Look it up in {name}'s missed calls, play it and note the wording as '{title}'.",
        "Please look through the missed calls from {name} for a voicemail. Play that and turn it, word by word, into the note '{title}'.",
        "missed calls of {name} -> voicemail -> note '{title}', same words",
    )
    return Request(desk.say(frames, name=voicemail.caller, title=title))


@recipe("search_notes", "send_payment", "send_message")
def pay_noted_debt(desk: MobileAppDesk) -> Request:
    _, fact = reminders.telling(desk, "bill")
    text, found = desk.reply(), reminders.look_up(desk, fact.subject)["text"]
    friend = next(friend for friend in desk.world.friends if friend in found)
    desk.call("send_payment", to=friend, amount=number(fact.value), note=fact.subject)
    desk.call("send_message", chat=friend, text=text)
    frames = (
        "My notes say whom I owe money for the '{subject}'. Look it up, pay it with the note '{subject}' and then text that friend "
        "'{text}'",
        "Please find '{subject}' in my notes, settle the debt there (payment note '{subject}') and message the friend afterwards: '{text}'",
        "I noted a debt for the '{subject}'. Pay the friend, '{subject}' being the note of the payment, then write '{text}' by chat.",
        "notes: debt for '{subject}' -> pay it, note '{subject}' -> text the friend '{text}'",
    )
    return Request(desk.say(frames, subject=fact.subject, text=text))


@recipe("find_route", "find_route", "set_timer")
def timer_for_longer_way(desk: MobileAppDesk) -> Request:
    (start, *ends), label = desk.several(list(desk.world.places), 3), desk.label()
    minutes = [desk.call("find_route", start=start, end=end, mode="bike")["minutes"] for end in ends]
    desk.call("set_timer", seconds=60 * max(minutes), label=label)
    frames = (
        "How long is it by bike from '{start}' to '{0}', and to '{1}'? Start a timer '{label}' over the longer of the two times.",
        "Compare the bike rides from '{start}' to '{0}' and to '{1}', then set a timer labelled '{label}' to the greater number of "
        "minutes.",
        "Please look up the minutes by bike from '{start}' to '{0}' and from '{start}' to '{1}'. The timer '{label}' should run for the "
        "longer one.",
        "bike '{start}' -> '{0}' and '{start}' -> '{1}'; timer '{label}' = the longer time",
    )
    return Request(desk.say(frames, *ends, start=start, label=label), lookups=2)


@recipe("find_route", "request_ride", "request_payment", "send_message")
def ride_split_and_tell(desk: MobileAppDesk) -> Request:
    (pickup, dropoff), friend = desk.two_places(), desk.friend()
    minutes = desk.call("find_route", start=pickup, end=dropoff)["minutes"]
    fare = desk.call("request_ride", pickup=pickup, dropoff=dropoff, party={"adults": 2})["fare"]
    desk.call("request_payment", people=[friend], amount=fare, split="with_me")
    desk.call("send_message", chat=friend, text=f"It takes {minutes} minutes.")
    frames = (
        "Check the minutes by car from '{pickup}' to '{dropoff}', book the ride for two adults, request the fare from {friend}, split with "
        "me, and text {friend} 'It takes <minutes> minutes.'",
        "{friend} and I (two adults) ride from '{pickup}' to '{dropoff}': 1. find the way by car, 2. order the car, 3. bill {friend}, fare "
        "shared with me, 4. message 'It takes <minutes> minutes.'",
        "Please look up the way by car '{pickup}' to '{dropoff}', order a ride for 2 adults, send {friend} a payment request (the fare, "
        "shared with me) and then the chat message 'It takes <minutes> minutes.'",
        "'{pickup}' -> '{dropoff}': minutes by car; ride for two adults; payment request to {friend}, fare split with me; msg {friend} 'It "
        "takes <minutes> minutes.'",
    )
    return Request(desk.say(frames, pickup=pickup, dropoff=dropoff, friend=friend))


@recipe("search_messages", "save_place", "find_route", "set_timer")
def save_and_time(desk: MobileAppDesk) -> Request:
    _, fact = conversations.telling(desk, "address")
    name, start, label = fact.subject.capitalize(), desk.place(), desk.label()
    conversations.look_up(desk, fact.subject)
    desk.call("save_place", name=name, address=fact.value)
    minutes = desk.call("find_route", {"end": (fact.value,)}, start=start, end=name, mode="walk")["minutes"]
    desk.call("set_timer", seconds=60 * minutes, label=label)
    frames = (
        "Find the address of the '{subject}' in my chats, save it as the favourite '{name}', look up the walk there from '{start}' and set "
        "a timer '{label}' to its minutes.",
        "A friend texted me where the '{subject}' is. Make that the favourite place '{name}', check how long I walk there from '{start}', "
        "and time it: timer '{label}'.",
        "Please search '{subject}' in the chats, pin the address as favourite '{name}', find the way on foot from '{start}' to it and let "
        "a timer '{label}' run just as long.",
        "chats '{subject}' -> favourite '{name}' -> walk from '{start}' -> timer '{label}' over those minutes",
    )
    return Request(desk.say(frames, subject=fact.subject, name=name, start=start, label=label))


@recipe("search_photos", "create_post", "search_songs", "add_to_playlist")
def holiday_memories(desk: MobileAppDesk) -> Request:
    place, text = pictures.taken(desk).place, desk.pick(words.POSTS)
    playlist, (song,) = audio.missing(desk, 1)
    newest = desk.call("search_photos", place=place)["photos"][0]["id"]
    desk.call("create_post", text=text, photo_ids=[newest])
    desk.call("add_to_playlist", playlist=playlist, song_ids=[audio.look_up(desk, song.title)["id"]])
    frames = (
        "Post my newest photo from {place} for friends with '{text}' Then find '{title}' and add it to the end of the playlist "
        "'{playlist}'.",
        "First share the latest photo of {place} in a post to friends, '{text}' Next look up the song '{title}' and append it to "
        "'{playlist}'.",
        "Please find my most recent photo of {place} and publish it for friends, saying '{text}' After that the playlist '{playlist}' "
        "should end with the song '{title}'.",
        "newest {place} photo -> post to friends, '{text}'; then song '{title}' -> end of playlist '{playlist}'",
    )
    return Request(desk.say(frames, place=place, text=text, title=song.title, playlist=playlist))


@recipe("list_calls", "play_voicemail", "send_payment", "send_message")
def find_pay_and_tell(desk: MobileAppDesk) -> Request:
    voicemail, text = conversations.voicemail_of(desk, "bill"), desk.reply()
    assert voicemail.fact
    desk.call("play_voicemail", voicemail_id=conversations.find_voicemail(desk, voicemail))
    desk.call("send_payment", to=voicemail.caller, amount=number(voicemail.fact.value))
    desk.call("send_message", chat=voicemail.caller, text=text)
    frames = (
        "Find the voicemail among the missed calls from {name}, play it, pay {name} what it asks for and text {name} '{text}'",
        "{name} left a voicemail about money; it is with the missed calls from {name}. Play it, pay the sum, then message {name} '{text}'",
        "Please look through {name}'s missed calls, listen to the voicemail there, send {name} the amount and then the chat message "
        "'{text}'",
        "missed calls of {name} -> voicemail -> pay {name} that amount -> text '{text}'",
    )
    return Request(desk.say(frames, name=voicemail.caller, text=text))


@recipe("search_notes", "save_place", "request_ride", "send_message")
def ride_to_noted_place(desk: MobileAppDesk) -> Request:
    _, fact = reminders.telling(desk, "address")
    name, pickup, friend = fact.subject.capitalize(), desk.place(), desk.friend()
    reminders.look_up(desk, fact.subject)
    desk.call("save_place", name=name, address=fact.value, collection="visited")
    fare = desk.call("request_ride", {"dropoff": (fact.value,)}, pickup=pickup, dropoff=name)["fare"]
    desk.call("send_message", chat=friend, text=f"See you at {fact.value}.")
    frames = (
        "Look up the address of the '{subject}' in my notes, save it as '{name}' among the visited places, order a ride there from "
        "'{pickup}', and text {friend} 'See you at <address>.' What is the fare?",
        "My notes have the address of the '{subject}'. Put it on the visited list as '{name}', book me a car there from '{pickup}', then "
        "message {friend} 'See you at <address>.' How much is the ride?",
        "Please find '{subject}' in the notes, keep that address as visited place '{name}', get me driven there from '{pickup}' (tell me "
        "the fare) and write 'See you at <address>.' to {friend}.",
        "notes: '{subject}' -> visited place '{name}' -> ride from '{pickup}', fare? -> msg {friend} 'See you at <address>.'",
    )
    query = desk.say(frames, subject=fact.subject, name=name, pickup=pickup, friend=friend)
    return Request(query, f"The fare is {fare:.2f} euros.", amount_answer(fare))


@recipe("search_messages", "save_place", "find_route", "request_ride", "set_timer")
def save_ride_and_time(desk: MobileAppDesk) -> Request:
    _, fact = conversations.telling(desk, "address")
    name, pickup, label = fact.subject.capitalize(), desk.place(), desk.label()
    conversations.look_up(desk, fact.subject)
    desk.call("save_place", name=name, address=fact.value)
    minutes = desk.call("find_route", {"end": (fact.value,)}, start=pickup, end=name)["minutes"]
    desk.call("request_ride", {"dropoff": (fact.value,)}, pickup=pickup, dropoff=name)
    desk.call("set_timer", seconds=60 * minutes, label=label)
    frames = (
        "Find the address of the '{subject}' in my chats, save it as favourite '{name}', check the minutes by car from '{pickup}', order "
        "the ride there and start a timer '{label}' over those minutes.",
        "A friend texted me where the '{subject}' is: 1. favourite place '{name}' 2. way by car from '{pickup}' 3. ride there 4. timer "
        "'{label}' as long as the drive.",
        "Please search '{subject}' in the chats, pin that address as favourite '{name}', look up the drive from '{pickup}' to it, book me "
        "the car, and last time the drive with a timer '{label}'.",
        "chats '{subject}' -> favourite '{name}' -> minutes by car from '{pickup}' -> ride there -> timer '{label}' for those minutes",
    )
    return Request(desk.say(frames, subject=fact.subject, name=name, pickup=pickup, label=label))


@recipe("play_voicemail", "send_payment", "request_payment", "send_message", "create_note")
def settle_voicemail(desk: MobileAppDesk) -> Request:
    voicemail = conversations.voicemail_of(desk, "bill")
    assert voicemail.fact
    amount, title = number(voicemail.fact.value), f"{voicemail.fact.subject} bill".capitalize()
    other, text = desk.other(desk.world.friends, voicemail.caller), desk.reply()
    caller = desk.call("play_voicemail", voicemail_id=voicemail.id)["from"]
    desk.call("send_payment", to=caller, amount=amount)
    desk.call("request_payment", people=[other], amount=amount, split="with_me")
    desk.call("send_message", chat=other, text=text)
    desk.call("create_note", title=title, text="Paid.")
    frames = (
        "Play voicemail {id}, pay the caller what it asks for, request that sum from {other}, split with me, text {other} '{text}', and "
        "note 'Paid.' under '{title}'.",
        "Voicemail {id} tells what I owe: 1. play it 2. pay the caller 3. bill {other} for the amount, shared with me 4. message {other} "
        "'{text}' 5. note '{title}': 'Paid.'",
        "Please listen to {id} in the voicemail, send the caller the money, have {other} pay half of it by payment request (whole sum, "
        "split with me), write {other} '{text}' and add a note '{title}' saying 'Paid.'",
        "voicemail {id} -> pay caller -> payment request to {other}, same sum, split with me -> msg {other} '{text}' -> note '{title}', "
        "'Paid.'",
    )
    return Request(desk.say(frames, id=voicemail.id, other=other, text=text, title=title))


@recipe("search_songs", "search_songs", "add_to_playlist", "create_post", "send_message")
def party_music(desk: MobileAppDesk) -> Request:
    playlist, songs = audio.missing(desk, 2)
    group = desk.pick(list(desk.world.groups))
    ids = [audio.look_up(desk, song.title)["id"] for song in songs]
    count = desk.call("add_to_playlist", playlist=playlist, song_ids=ids)["songs"]
    text = f"My playlist has {count} songs now."
    desk.call("create_post", text=text)
    desk.call("send_message", chat=group, text="Look at my post!")
    frames = (
        "Look up the songs '{0}' and '{1}', append both in this order to '{playlist}', post 'My playlist has N songs now.' for friends, "
        "then text the group '{group}' 'Look at my post!'",
        "Find '{0}' and '{1}' and let the playlist '{playlist}' end with them in that order. Then a post to friends: 'My playlist has N "
        "songs now.' Then tell the group '{group}': 'Look at my post!'",
        "Please search '{0}' and '{1}', put them, so ordered, at the end of '{playlist}' in one go, share 'My playlist has N songs now.' "
        "with friends as a post, and write 'Look at my post!' to '{group}'.",
        "'{0}', '{1}' -> end of playlist '{playlist}'; post to friends 'My playlist has <count> songs now.'; msg to '{group}': 'Look at my "
        "post!'",
    )
    return Request(desk.say(frames, songs[0].title, songs[1].title, playlist=playlist, group=group), lookups=2)


@recipe("list_calls", "play_voicemail", "save_place", "find_route", "send_message")
def go_where_voicemail_says(desk: MobileAppDesk) -> Request:
    voicemail, start = conversations.voicemail_of(desk, "address"), desk.place()
    assert voicemail.fact
    name = voicemail.fact.subject.capitalize()
    desk.call("play_voicemail", voicemail_id=conversations.find_voicemail(desk, voicemail))
    desk.call("save_place", name=name, address=voicemail.fact.value)
    minutes = desk.call("find_route", {"end": (voicemail.fact.value,)}, start=start, end=name)["minutes"]
    desk.call("send_message", chat=voicemail.caller, text=f"I need {minutes} minutes.")
    frames = (
        "Find the voicemail among the missed calls from {name}, play it, save its address as favourite '{place}', check the way by car "
        "from '{start}' to it and text {name} 'I need <minutes> minutes.'",
        "{name} left an address as a voicemail, see the missed calls from {name}. Play it, make the address the favourite '{place}', find "
        "the drive there from '{start}', message {name} 'I need <minutes> minutes.'",
        "missed calls of {name} -> voicemail -> its address as favourite '{place}' -> minutes by car from '{start}' -> msg {name} 'I need "
        "<minutes> minutes.'",
        "Please look through {name}'s missed calls for a voicemail, listen to it, pin the address as favourite '{place}', look up the "
        "drive from '{start}' and write 'I need <minutes> minutes.' to {name}.",
    )
    return Request(desk.say(frames, name=voicemail.caller, place=name, start=start))
