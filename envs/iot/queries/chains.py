"""Requests that lead through several areas of the house, what one call returns being needed by a later one in most."""

from __future__ import annotations

from envs.iot.queries import appliances, cameras, doors, heating, hub, lighting, measurements
from envs.iot.queries.desk import IoTDesk, degrees, figure_answer
from envs.iot.vocabulary import RULES
from envs.iot.world import to_tenth
from envs.scenario.choice import other_orders
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer


def unlocked_door(desk: IoTDesk) -> str:
    return desk.pick([door for door, lock in desk.world.locks.items() if not lock.locked])


@recipe("get_sensor_statistics", "create_rule")
def rule_at_extreme(desk: IoTDesk) -> Request:
    sensor, (first, last), name = measurements.sensor(desk), desk.days(), desk.pick(RULES)
    (action, does), side = hub.new_action(desk), desk.pick(("above", "below"))
    statistic = {"above": "maximum", "below": "minimum"}[side]
    result = desk.call("get_sensor_statistics", sensor=sensor, first_day=first, last_day=last, statistic=statistic)
    trigger = {"sensor": sensor, "comparison": side, "value": result[statistic]}
    desk.call("create_rule", name=name, trigger=trigger, action=action)
    said = {"sensor": sensor, "span": desk.span(first, last), "name": name, "does": does, "side": side, "statistic": statistic}
    frames = (
        "Find the {statistic} of {sensor} {span}, and add the rule '{name}': when {sensor} is {side} that value, {does}.",
        "I want a rule '{name}' to {does} when {sensor} goes {side} its {statistic} {span}. Compute that limit first.",
        "{statistic} of {sensor} {span} -> limit of rule {name}: {sensor} {side} it, {does}",
        "Please {does} by a rule '{name}' as soon as {sensor} is {side} what was its {statistic} {span}.",
    )
    return Request(desk.say(frames, **said))


@recipe("create_scene", "create_rule")
def scene_every_day(desk: IoTDesk) -> Request:
    scene, (lights, words), name = desk.new_scene(), lighting.scene_lights(desk, 2), desk.pick(RULES)
    trigger, when = hub.every_day(desk)
    desk.call("create_scene", {"lights": other_orders(lights)}, name=scene, lights=lights)
    desk.call("create_rule", name=name, trigger=trigger, action={"target": scene, "command": "activate"})
    frames = (
        "Save the scene '{scene}' with {words}, then add a rule '{name}' that activates it {when}.",
        "{words}: that is to be the scene '{scene}'. Once it exists, make the rule '{name}', which starts it {when}.",
        "new scene {scene} ({words}); then rule {name}: {when} activate it",
        "I would like '{scene}' to come on {when}. Create the scene ({words}), then the rule, called '{name}'.",
    )
    return Request(desk.say(frames, scene=scene, words=words, name=name, when=when))


@recipe("set_light", "set_lock")
def lights_out(desk: IoTDesk) -> Request:
    light, door = desk.light(on=True).name, unlocked_door(desk)
    desk.call("set_light", light=light, on=False)
    desk.call("set_lock", door=door, locked=True)
    frames = (
        "Turn the {light} off and lock the {door}.",
        "I am going to bed: {light} off, {door} locked.",
        "Would you lock the {door} for me and switch off the {light}?",
        "{light} off + {door} locked",
        "Two things before I fall asleep. The {light} has to go off, and the {door} needs locking.",
    )
    return Request(desk.say(frames, light=light, door=door), lookups=2)


@recipe("get_climate", "set_blinds")
def climate_and_blinds(desk: IoTDesk) -> Request:
    room, (shaded, position, words) = desk.room(), lighting.blinds_change(desk)
    value = desk.call("get_climate", room=room)["temperature"]
    desk.call("set_blinds", room=shaded, position=position)
    frames = (
        "Tell me how many °C the {room} has, and get the blinds in the {shaded} {words}.",
        "It is hot. What is the temperature of the {room} in Celsius? Also, I want the {shaded} blinds {words}.",
        "{room} temp in °C? and {shaded} blinds {words}",
        "Please read the {room} temperature (Celsius) to me and see to it that the blinds of the {shaded} are {words}.",
    )
    said = {"room": room, "shaded": shaded, "words": words}
    return Request(desk.say(frames, **said), f"The {room} has {degrees(value)}.", number_answer(value), lookups=2)


@recipe("find_motion_events", "save_clip", "set_lock")
def save_and_lock(desk: IoTDesk) -> Request:
    event, door = cameras.filmed(desk), unlocked_door(desk)
    desk.call("save_clip", event_id=cameras.newest(desk, event))
    desk.call("set_lock", door=door, locked=True)
    frames = (
        "Find the latest {kind} at the {camera} {day}, save that clip, then lock the {door}.",
        "I am a bit worried. Keep the recording of the last {kind} the {camera} saw {day}, and lock the {door} after that.",
        "{camera} {day}: save clip of latest {kind}; then lock {door}",
        "Please look up the newest {kind} event of the {camera} {day} and store the clip. When you have it, lock the {door}.",
    )
    return Request(desk.say(frames, kind=event.kind, camera=event.camera, day=desk.past(event.date), door=door))


@recipe("revoke_access_code", "find_motion_events", "save_clip")
def revoke_and_save(desk: IoTDesk) -> Request:
    name, event = doors.holder(desk), cameras.filmed(desk)
    desk.call("revoke_access_code", name=name)
    desk.call("save_clip", event_id=cameras.newest(desk, event))
    frames = (
        "Revoke the code of '{name}'. Then find the latest {kind} at the {camera} {day} and save the clip.",
        "'{name}' must not get in any more, so cancel the code first. Next, keep the clip of the last {kind} of the {camera} {day}.",
        "code of {name} out; then {camera} {day}, latest {kind}: save clip",
        "Could you delete the access code of '{name}', then look for the newest {kind} event of the {camera} {day} and keep its clip?",
    )
    return Request(desk.say(frames, name=name, kind=event.kind, camera=event.camera, day=desk.past(event.date)))


@recipe("create_scene", "activate_scene", "create_rule")
def scene_now_and_later(desk: IoTDesk) -> Request:
    scene, (lights, words), name = desk.new_scene(), lighting.scene_lights(desk, 2), desk.pick(RULES)
    trigger, when = hub.every_day(desk)
    desk.call("create_scene", {"lights": other_orders(lights)}, name=scene, lights=lights)
    desk.call("activate_scene", scene=scene)
    desk.call("create_rule", name=name, trigger=trigger, action={"target": scene, "command": "activate"})
    frames = (
        "Create the scene '{scene}' ({words}), activate it, and then let a rule '{name}' do so {when}.",
        "Save {words} as '{scene}' and start it. Last, add the rule '{name}' that activates the scene {when}.",
        "scene {scene}: {words}; run it; rule {name}: {when} activate {scene}",
        "First define the scene '{scene}' as {words}, second switch to it, third automate it {when} by a rule called '{name}'.",
    )
    return Request(desk.say(frames, scene=scene, words=words, name=name, when=when))


@recipe("get_climate", "set_thermostat", "set_blinds")
def warm_up(desk: IoTDesk) -> Request:
    room, (shaded, position, words) = desk.room(), lighting.blinds_change(desk)
    found = desk.world.rooms[room]
    step = desk.pick([step for step in (1, 1.5, 2, 3) if to_tenth(found.temperature + step) != found.target])
    value = to_tenth(desk.call("get_climate", room=room)["temperature"] + step)
    desk.call("set_thermostat", room=room, temperature=value)
    desk.call("set_blinds", room=shaded, position=position)
    frames = (
        "Read how warm the {room} is, set its thermostat {step} higher than that, then move the {shaded} blinds to {words}.",
        "The {room} is chilly: look at its temperature and heat it to {step} more. After that I want the {shaded} blinds {words}.",
        "{room} thermostat = measured + {step}; then {shaded} blinds {words}",
        "Could you set the {room} {step} above what is measured there, and then get the blinds of the {shaded} {words}?",
    )
    return Request(desk.say(frames, room=room, step=degrees(step), shaded=shaded, words=words))


@recipe("set_thermostat", "set_light", "start_oven")
def come_home(desk: IoTDesk) -> Request:
    room, light, (settings, oven) = desk.room(), desk.light(on=False).name, appliances.baking(desk, timed=True)
    value = heating.new_target(desk, room)
    desk.call("set_thermostat", room=room, temperature=value)
    desk.call("set_light", light=light, on=True)
    desk.call("start_oven", **settings)
    frames = (
        "I will be home soon: {room} at {value}, {light} on, oven with {oven}.",
        "Heat the {room} to {value}, turn on the {light} and start the oven with {oven}.",
        "{room} {value} / {light} on / oven {oven}",
        "Before we arrive, could the {room} be set to {value}, the {light} switched on and the oven started, {oven}?",
    )
    return Request(desk.say(frames, room=room, value=degrees(value), light=light, oven=oven), lookups=3)


@recipe("set_thermostat", "set_blinds", "set_lock", "start_vacuum")
def leave_home(desk: IoTDesk) -> Request:
    room, (shaded, position, words), door = desk.room(), lighting.blinds_change(desk), unlocked_door(desk)
    value, (rooms, places) = heating.new_target(desk, room), appliances.dirty_rooms(desk, 1)
    desk.call("set_thermostat", room=room, temperature=value)
    desk.call("set_blinds", room=shaded, position=position)
    desk.call("set_lock", door=door, locked=True)
    desk.call("start_vacuum", rooms=rooms)
    frames = (
        "We are leaving. In this order: {room} to {value}, {shaded} blinds {words}, {door} locked, robot vacuum into {places}.",
        "Set the {room} to {value}, then the {shaded} blinds to {words}, then lock the {door}, and last vacuum {places}.",
        "1) {room} {value} 2) {shaded} blinds {words} 3) lock {door} 4) vacuum {places}",
        "First put the {room} on {value}, next the blinds in the {shaded} {words}. After that lock the {door}; finally vacuum {places}.",
    )
    said = {"room": room, "value": degrees(value), "shaded": shaded, "words": words, "door": door, "places": places}
    return Request(desk.say(frames, **said))


@recipe("find_motion_events", "save_clip", "revoke_access_code", "set_lock")
def break_in(desk: IoTDesk) -> Request:
    event, name, door = cameras.filmed(desk), doors.holder(desk), unlocked_door(desk)
    desk.call("save_clip", event_id=cameras.newest(desk, event))
    desk.call("revoke_access_code", name=name)
    desk.call("set_lock", door=door, locked=True)
    frames = (
        "Save the clip of the latest {kind} at the {camera} {day}, then revoke the code of '{name}', then lock the {door}.",
        "Find and keep the last {kind} clip of the {camera} {day}, cancel the code of '{name}', and finally lock the {door}.",
        "{camera} {day}: latest {kind}, keep clip; delete code of {name}; lock {door}",
        "I want evidence: the newest {kind} clip of the {camera} {day}, saved. Then '{name}' loses the code; last, the {door} is locked.",
    )
    return Request(desk.say(frames, kind=event.kind, camera=event.camera, day=desk.past(event.date), name=name, door=door))


@recipe("get_sensor_statistics", "create_rule", "find_devices", "update_firmware")
def watch_and_update(desk: IoTDesk) -> Request:
    sensor, day, rule = measurements.sensor(desk), measurements.past_day(desk), desk.pick(RULES)
    action, does = hub.new_action(desk)
    result = desk.call("get_sensor_statistics", {"last_day": (day,)}, sensor=sensor, first_day=day, statistic="maximum")
    desk.call("create_rule", name=rule, trigger={"sensor": sensor, "comparison": "above", "value": result["maximum"]}, action=action)
    key, device, newest = hub.look_up(desk)
    desk.call("update_firmware", {"version": (newest,)}, device_id=key)
    frames = (
        "Take the maximum of {sensor} {day} and add a rule '{rule}': above it, {does}. Then find the {device} and update its firmware.",
        "Rule '{rule}' should {does} when {sensor} is above its maximum {day}; set that up. Next look up the {device} and update it.",
        "max of {sensor} {day} -> rule {rule}: above it {does}; then find {device}, newest firmware",
        "First a rule, '{rule}', to {does} once {sensor} tops its highest value {day}. Second, search the {device} and upgrade it.",
    )
    return Request(desk.say(frames, sensor=sensor, day=desk.past(day), rule=rule, does=does, device=device))


@recipe("get_climate", "get_climate", "set_thermostat", "set_light", "set_lock")
def evening_round(desk: IoTDesk) -> Request:
    rooms = desk.several(list(desk.world.rooms), 2)
    light, door = desk.light(on=True).name, unlocked_door(desk)
    temperatures = {room: desk.call("get_climate", room=room)["temperature"] for room in rooms}
    colder = min(rooms, key=lambda room: temperatures[room])
    value = heating.new_target(desk, colder)
    desk.call("set_thermostat", room=colder, temperature=value)
    desk.call("set_light", light=light, on=False)
    desk.call("set_lock", door=door, locked=True)
    frames = (
        "Set the colder of {0} and {1} to {value}, then turn off the {light}, then lock the {door}.",
        "See which is colder, the {0} or the {1}, and heat that room to {value}. Next the {light} goes off, and last the {door} is locked.",
        "colder of {0} / {1} -> {value}; {light} off; lock {door}",
        "Check how warm {0} and {1} are, put the colder room on {value}, switch off the {light}, finally lock the {door}.",
    )
    return Request(desk.say(frames, *rooms, value=degrees(value), light=light, door=door), lookups=2)


@recipe("revoke_access_code", "create_access_code", "set_lock", "find_motion_events", "save_clip")
def change_of_tenant(desk: IoTDesk) -> Request:
    old, name, code, door = doors.holder(desk), desk.new_holder(), desk.new_code(), unlocked_door(desk)
    event = cameras.filmed(desk)
    desk.call("revoke_access_code", name=old)
    desk.call("create_access_code", name=name, code=code, doors=[door])
    desk.call("set_lock", door=door, locked=True)
    desk.call("save_clip", event_id=cameras.newest(desk, event))
    frames = (
        "Revoke the code of '{old}', give '{name}' {code} for the {door}, lock it, then save the latest {kind} clip of the {camera} {day}.",
        "Cancel the code of '{old}', make {code} for '{name}' at the {door}, lock it. Last, clip the latest {kind} of the {camera} {day}.",
        "{old} code out; {code} for '{name}' at {door}; lock {door}; {camera} {day} latest {kind}: save clip",
        "First '{old}' loses the code. Then '{name}' gets {code} for the {door}; lock it. Last, clip the newest {kind} at {camera} {day}.",
    )
    said = {"old": old, "name": name, "code": code, "door": door, "kind": event.kind, "camera": event.camera}
    return Request(desk.say(frames, day=desk.past(event.date), **said))


@recipe("get_energy_use", "get_energy_use", "get_energy_cost", "start_washer", "set_thermostat")
def thrift(desk: IoTDesk) -> Request:
    meters, day = desk.several(list(desk.world.meters), 2), measurements.past_day(desk)
    (settings, words), room = appliances.laundry(desk), desk.room()
    value = heating.new_target(desk, room)
    used = {name: desk.call("get_energy_use", {"last_day": (day,)}, meter=name, first_day=day)["kwh"] for name in meters}
    accept = {"last_day": (day,), "tariff": (desk.world.tariff,)}
    euro = desk.call("get_energy_cost", accept, meter=max(meters, key=lambda name: used[name]), first_day=day)["euro"]
    desk.call("start_washer", **settings)
    desk.call("set_thermostat", room=room, temperature=value)
    frames = (
        "What did the hungrier of '{0}' and '{1}' cost {day}? After that start {words} on the washer, then set the {room} to {value}.",
        "Compare the use of '{0}' and '{1}' {day} and tell me the cost of the larger. Next wash with {words}; last, {room} to {value}.",
        "'{0}' or '{1}', more kWh {day}: its cost? then washer {words}, then {room} {value}",
        "Find which used more {day}, '{0}' or '{1}', and what that cost. Then run {words} on the washer and put the {room} on {value}.",
    )
    query = desk.say(frames, *meters, day=desk.past(day), words=words, room=room, value=degrees(value))
    return Request(query, f"It cost {euro} euro.", figure_answer(euro), lookups=2)


@recipe("get_energy_use", "get_energy_cost", "get_energy_cost")
def highest_day_by_tariffs(desk: IoTDesk) -> Request:
    meter, (first, last), tariffs = measurements.meter(desk), desk.days(least=3), measurements.other_tariffs(desk, 2)
    days = desk.call("get_energy_use", meter=meter, first_day=first, last_day=last, detail="daily")["days"]
    day = max(days, key=lambda day: days[day])
    euro = measurements.costs(desk, meter, day, tariffs)
    frames = (
        "Find the day on which '{meter}' used most {span}. By '{0}' first and '{1}' second, what did it cost? The lower sum will do.",
        "Take the worst day of '{meter}' {span}, price it by '{0}' and then by '{1}', and give me the smaller amount.",
        "'{meter}' {span}: top day of the daily use, cost by '{0}', then '{1}' -> the lower one?",
        "What could the top day of '{meter}' {span} have cost at best? Look the day up, try '{0}', then '{1}'.",
    )
    query = desk.say(frames, *tariffs, meter=meter, span=desk.span(first, last))
    return Request(query, f"The lower cost is {min(euro)} euro.", figure_answer(min(euro)))


@recipe("revoke_access_code", "create_rule", "set_light")
def quiet_house(desk: IoTDesk) -> Request:
    name, rule, light = doors.holder(desk), desk.pick(RULES), desk.light(on=True).name
    (trigger, when), (action, does) = hub.motion(desk), hub.new_action(desk)
    desk.call("revoke_access_code", name=name)
    desk.call("create_rule", name=rule, trigger=trigger, action=action)
    desk.call("set_light", light=light, on=False)
    frames = (
        "Take the code away from '{name}', add the rule '{rule}' to {does} {when}, and finally turn off the {light}.",
        "'{name}' must lose the access code. Next, a rule '{rule}': {when}, {does}. Last of all, the {light} goes off.",
        "code of {name} out; rule {rule}: {when} -> {does}; {light} off",
        "We leave for a month: revoke what '{name}' has as a code, then automate '{rule}' ({does} {when}), then switch the {light} off.",
    )
    return Request(desk.say(frames, name=name, rule=rule, does=does, when=when, light=light))


@recipe("get_energy_use", "get_energy_use", "get_energy_cost", "get_energy_cost")
def hungrier_by_tariffs(desk: IoTDesk) -> Request:
    meters, day, tariffs = desk.several(list(desk.world.meters), 2), measurements.past_day(desk), measurements.other_tariffs(desk, 2)
    used = {name: desk.call("get_energy_use", {"last_day": (day,)}, meter=name, first_day=day)["kwh"] for name in meters}
    hungrier = max(meters, key=lambda name: used[name])
    euro = measurements.costs(desk, hungrier, day, tariffs)
    frames = (
        "Which used more {day}, '{0}' or '{1}'? Price that one by '{2}', then by '{3}', and tell me the lower cost.",
        "Read '{0}' and '{1}' {day}. For the one with more kWh, compute the cost with '{2}' and next with '{3}'; I need the smaller.",
        "'{0}' / '{1}' {day}: the larger one by '{2}', then '{3}': lower euro?",
        "Would '{2}' or '{3}', checked in this order, be cheaper for whichever of '{0}' and '{1}' used more {day}? Tell me the amount.",
    )
    query = desk.say(frames, *meters, *tariffs, day=desk.past(day))
    return Request(query, f"{hungrier} would cost {min(euro)} euro.", figure_answer(min(euro)), lookups=2)


@recipe("create_scene", "activate_scene", "set_thermostat", "start_oven")
def party(desk: IoTDesk) -> Request:
    scene, (lights, words), room = desk.new_scene(), lighting.scene_lights(desk, 2), desk.room()
    value, (settings, oven) = heating.new_target(desk, room), appliances.baking(desk, timed=True)
    desk.call("create_scene", {"lights": other_orders(lights)}, name=scene, lights=lights)
    desk.call("activate_scene", scene=scene)
    desk.call("set_thermostat", room=room, temperature=value)
    desk.call("start_oven", **settings)
    frames = (
        "Save {words} as the scene '{scene}', start it, then set the {room} to {value} and at last the oven to {oven}.",
        "Guests! First create the scene '{scene}' ({words}) and activate it. Then {room} at {value}; then the oven on, {oven}.",
        "1 new scene {scene}: {words} 2 run it 3 {room} {value} 4 oven {oven}",
        "I need, one by one: a scene '{scene}' with {words}, that scene switched on, the {room} at {value}, the oven going with {oven}.",
    )
    return Request(desk.say(frames, scene=scene, words=words, room=room, value=degrees(value), oven=oven))


@recipe("get_sensor_statistics", "create_rule", "set_blinds", "set_thermostat")
def sunny_spell(desk: IoTDesk) -> Request:
    sensor, day, rule = measurements.sensor(desk), measurements.past_day(desk), desk.pick(RULES)
    (action, does), (shaded, position, words), room = hub.new_action(desk), lighting.blinds_change(desk), desk.room()
    value = heating.new_target(desk, room)
    mean = desk.call("get_sensor_statistics", {"last_day": (day,)}, sensor=sensor, first_day=day)["mean"]
    desk.call("create_rule", name=rule, trigger={"sensor": sensor, "comparison": "above", "value": mean}, action=action)
    desk.call("set_blinds", room=shaded, position=position)
    desk.call("set_thermostat", room=room, temperature=value)
    frames = (
        "Add a rule '{rule}' to {does} when {sensor} is above its mean {day}. Then {shaded} blinds {words}, last the {room} at {value}.",
        "Average of {sensor} {day}, please; rule '{rule}': above it, {does}. After that {shaded} blinds {words}, and {room} at {value}.",
        "mean of {sensor} {day} = limit of rule {rule} (above: {does}); {shaded} blinds {words}; {room} {value}",
        "A rule '{rule}' is to {does} once {sensor} tops its mean {day}. Next, {shaded} blinds {words}; at the end {room} to {value}.",
    )
    said = {"rule": rule, "does": does, "sensor": sensor, "day": desk.past(day), "shaded": shaded, "words": words}
    return Request(desk.say(frames, **said, room=room, value=degrees(value)))


@recipe("get_climate", "set_thermostat", "activate_scene", "start_washer", "create_rule")
def busy_morning(desk: IoTDesk) -> Request:
    one, other = desk.several(list(desk.world.rooms), 2)
    scene, (settings, words), rule = lighting.saved_scene(desk), appliances.laundry(desk), desk.pick(RULES)
    (trigger, when), (action, does) = hub.every_day(desk), hub.new_action(desk)
    desk.call("set_thermostat", room=other, temperature=desk.call("get_climate", room=one)["target"])
    desk.call("activate_scene", scene=scene)
    desk.call("start_washer", **settings)
    desk.call("create_rule", name=rule, trigger=trigger, action=action)
    frames = (
        "Set the {other} to the target of the {one}, activate '{scene}', wash with {words}, and add the rule '{rule}': {when}, {does}.",
        "In turn: thermostat of the {other} as in the {one}, scene '{scene}', washer with {words}, rule '{rule}' to {does} {when}.",
        "{other} thermostat = that of {one}; scene {scene}; washer {words}; rule {rule}: {when} {does}",
        "First the {other} gets the target of the {one}. Then start '{scene}', next wash with {words}, last rule '{rule}': {does} {when}.",
    )
    return Request(desk.say(frames, other=other, one=one, scene=scene, words=words, rule=rule, when=when, does=does))


@recipe("get_sensor_statistics", "create_rule", "set_schedule", "set_light", "revoke_access_code")
def before_winter(desk: IoTDesk) -> Request:
    sensor, day, rule = measurements.sensor(desk), measurements.past_day(desk), desk.pick(RULES)
    (action, does), room, (times, words) = hub.new_action(desk), desk.room(), heating.periods(desk)
    light, name = desk.light(on=True).name, doors.holder(desk)
    least = desk.call("get_sensor_statistics", {"last_day": (day,)}, sensor=sensor, first_day=day, statistic="minimum")["minimum"]
    desk.call("create_rule", name=rule, trigger={"sensor": sensor, "comparison": "below", "value": least}, action=action)
    desk.call("set_schedule", {"periods": (times[::-1],)}, room=room, periods=times)
    desk.call("set_light", light=light, on=False)
    desk.call("revoke_access_code", name=name)
    frames = (
        "Rule '{rule}': below the minimum of {sensor} {day}, {does}. Then heat {room} daily {words}; {light} off; code of '{name}' out.",
        "Rule '{rule}' should {does} below the lowest {sensor} {day}. Next, heat {room} daily, {words}; {light} off; no code for '{name}'.",
        "min of {sensor} {day} -> rule {rule} (below: {does}); {room} schedule every day {words}; {light} off; delete code of {name}",
        "In turn: rule '{rule}' ({does} below the minimum of {sensor} {day}), heat {room} daily {words}, {light} off, revoke '{name}'.",
    )
    said = {"rule": rule, "sensor": sensor, "day": desk.past(day), "does": does, "room": room, "words": words}
    return Request(desk.say(frames, **said, light=light, name=name))
