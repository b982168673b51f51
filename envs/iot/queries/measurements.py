"""Requests about what sensors and energy meters measured."""

from __future__ import annotations

from envs.iot.queries.desk import IoTDesk, clock_answer, figure_answer
from envs.iot.world import to_tenth
from envs.scenario.desk import Request, recipe
from envs.scenario.rounding import tidy
from envs.scenario.wording import date_answer, number_answer

STATISTICS = {
    "mean": ("average", "mean"),
    "median": ("median",),
    "minimum": ("lowest reading", "minimum"),
    "maximum": ("highest reading", "maximum"),
    "standard_deviation": ("standard deviation",),
}


def sensor(desk: IoTDesk) -> str:
    return desk.pick(list(desk.world.sensors))


def meter(desk: IoTDesk) -> str:
    return desk.pick(list(desk.world.meters))


def other_tariffs(desk: IoTDesk, count: int) -> list[str]:
    """Tariffs that are not the one of the house: that need not be named."""
    return desk.several([name for name in desk.world.tariffs if name != desk.world.tariff], count)


def costs(desk: IoTDesk, name: str, day: str, tariffs: list[str]) -> list[float]:
    """What a day of a meter costs by each of the tariffs."""
    return [desk.call("get_energy_cost", {"last_day": (day,)}, meter=name, first_day=day, tariff=tariff)["euro"] for tariff in tariffs]


def past_day(desk: IoTDesk) -> str:
    return desk.pick(desk.world.past_days)


def limit(desk: IoTDesk, name: str, day: str) -> float:
    """A value between the extremes of the day."""
    values = sorted(set(desk.world.hours(desk.world.sensors[name].values, day)))
    return tidy(desk.pick(values[len(values) // 4 : -len(values) // 4 or None]), 1)


@recipe("get_sensor_statistics")
def day_statistic(desk: IoTDesk) -> Request:
    name, day, statistic = sensor(desk), past_day(desk), desk.pick(tuple(STATISTICS))
    result = desk.call("get_sensor_statistics", {"last_day": (day,)}, sensor=name, first_day=day, statistic=statistic)
    frames = (
        "What was the {statistic} of the sensor {sensor} {day}?",
        "Please work out the {statistic} that the {sensor} sensor had {day}.",
        "{sensor}, {statistic}, {day}?",
        "For my records I need the {statistic} of {sensor} {day}.",
        "Could you look at the {sensor} readings {day} and give me their {statistic}?",
        "I keep a diary of {sensor}. Which {statistic} do I write down for the readings {day}?",
    )
    words = desk.pick(STATISTICS[statistic])
    query = desk.say(frames, sensor=name, day=desk.past(day), statistic=words)
    return Request(query, f"The {words} is {result[statistic]} {result['unit']}.", figure_answer(result[statistic]))


@recipe("get_sensor_statistics")
def span_statistic(desk: IoTDesk) -> Request:
    name, (first, last), statistic = sensor(desk), desk.days(), desk.pick(tuple(STATISTICS))
    result = desk.call("get_sensor_statistics", sensor=name, first_day=first, last_day=last, statistic=statistic)
    frames = (
        "Give me the {statistic} of {sensor} {span}.",
        "{span}, what was the {statistic} of the {sensor} sensor?",
        "How did {sensor} do {span}? I am after the {statistic}.",
        "{sensor} {statistic} {span}",
        "My landlord wants a single number, the {statistic} of {sensor} {span}. Compute it, please.",
    )
    words = desk.pick(STATISTICS[statistic])
    query = desk.say(frames, sensor=name, span=desk.span(first, last), statistic=words)
    return Request(query[0].upper() + query[1:], f"The {words} is {result[statistic]} {result['unit']}.", figure_answer(result[statistic]))


@recipe("get_sensor_statistics")
def hours_statistic(desk: IoTDesk) -> Request:
    name, (first, last), statistic = sensor(desk), desk.days(), desk.pick(("mean", "median", "minimum", "maximum"))
    begin = desk.number(0, 16)
    times = f"{begin:02}:00", f"{begin + desk.number(3, 7):02}:00"
    said = {"first_day": first, "last_day": last, "from_time": times[0], "to_time": times[1]}
    result = desk.call("get_sensor_statistics", sensor=name, statistic=statistic, **said)
    frames = (
        "Counting only readings between {0} and {1}, what was the {statistic} of {sensor} {span}?",
        "I need the {statistic} of {sensor} {span}, but just for the hours from {0} to {1} of each day.",
        "{sensor} {span}, daily from {0} to {1}: {statistic}?",
        "Please take what the {sensor} sensor measured {span} between {0} and {1}, and tell me the {statistic}.",
        "What is the {statistic} of {sensor} {span}, if every day everything before {0} and after {1} is left out?",
    )
    words = desk.pick(STATISTICS[statistic])
    query = desk.say(frames, *map(desk.at, times), sensor=name, span=desk.span(first, last), statistic=words)
    return Request(query, f"The {words} is {result[statistic]} {result['unit']}.", figure_answer(result[statistic]))


@recipe("find_sensor_readings")
def count_readings(desk: IoTDesk) -> Request:
    name, day, side = sensor(desk), past_day(desk), desk.pick(("above", "below"))
    bound = limit(desk, name, day)
    count = desk.call("find_sensor_readings", sensor=name, date=day, **{side: bound})["count"]
    frames = (
        "How many hourly readings of {sensor} were {side} {bound} {day}?",
        "Count the hours in which {sensor} lay {side} {bound} {day}.",
        "{sensor} {day}: readings {side} {bound}, how many?",
        "Was {sensor} {side} {bound} for long {day}? Give me the number of such readings.",
        "Please find out in how many readings {sensor} was {side} {bound} {day}.",
    )
    query = desk.say(frames, sensor=name, side=side, bound=f"{bound:g}", day=desk.past(day))
    return Request(query, f"There are {count} such readings.", number_answer(count))


@recipe("find_sensor_readings")
def first_reading(desk: IoTDesk) -> Request:
    name, day, which = sensor(desk), past_day(desk), desk.pick(("first", "last"))
    bound = limit(desk, name, day)
    values = desk.world.hours(desk.world.sensors[name].values, day)
    side = desk.pick([side for side, extreme in (("above", max(values)), ("below", min(values))) if extreme != bound])
    found = desk.call("find_sensor_readings", sensor=name, date=day, **{side: bound})
    time = found[which]["time"]
    frames = (
        "When was {sensor} {which} {side} {bound} {day}?",
        "At what time did {sensor} have its {which} reading {side} {bound} {day}?",
        "{sensor} {day}, {which} time {side} {bound}?",
        "I would like to know when the sensor {sensor} showed a value {side} {bound} for the {which} time {day}.",
        "The alarm limit is {bound}. Please tell me the time of the {which} {sensor} reading {side} it {day}.",
    )
    query = desk.say(frames, sensor=name, side=side, bound=f"{bound:g}", day=desk.past(day), which=which)
    return Request(query, f"That was at {time}.", clock_answer(time))


@recipe("find_sensor_readings")
def between_readings(desk: IoTDesk) -> Request:
    name, day = sensor(desk), past_day(desk)
    values = sorted(set(desk.world.hours(desk.world.sensors[name].values, day)))
    low, high = to_tenth(values[len(values) // 4]), to_tenth(values[-len(values) // 4])
    count = desk.call("find_sensor_readings", sensor=name, date=day, above=low, below=high)["count"]
    frames = (
        "How many readings of {sensor} were above {low} but below {high} {day}?",
        "For {sensor}, the good range is above {low} and below {high}. How many readings {day} were in it?",
        "{sensor} {day}: number of readings over {low} and under {high}",
        "Please count the {sensor} readings {day} that are higher than {low} and lower than {high}.",
        "Between {low} and {high}, both excluded: how often did {sensor} measure that {day}?",
    )
    query = desk.say(frames, sensor=name, low=f"{low:g}", high=f"{high:g}", day=desk.past(day))
    return Request(query, f"There are {count} such readings.", number_answer(count))


@recipe("get_energy_use")
def energy_total(desk: IoTDesk) -> Request:
    name, (first, last) = meter(desk), desk.days()
    kwh = desk.call("get_energy_use", meter=name, first_day=first, last_day=last)["kwh"]
    frames = (
        "How many kWh did the meter '{meter}' count {span}?",
        "What did '{meter}' consume in all {span}, in kilowatt hours?",
        "Please read the total electricity use of '{meter}' {span}.",
        "kWh of '{meter}' {span}?",
        "I worry about '{meter}'. Tell me its whole consumption {span}.",
        "In kilowatt hours, how much power went through '{meter}' {span}?",
    )
    return Request(desk.say(frames, meter=name, span=desk.span(first, last)), f"It used {kwh} kWh.", figure_answer(kwh))


@recipe("get_energy_use")
def energy_of_day(desk: IoTDesk) -> Request:
    name, day = meter(desk), past_day(desk)
    kwh = desk.call("get_energy_use", {"last_day": (day,)}, meter=name, first_day=day)["kwh"]
    frames = (
        "What was the electricity use of '{meter}' {day}?",
        "How much did the meter '{meter}' count {day}, in kWh?",
        "I need the consumption of '{meter}' {day} for my spreadsheet.",
        "'{meter}' {day}, kWh?",
        "Please look up how many kilowatt hours '{meter}' took {day}.",
    )
    return Request(desk.say(frames, meter=name, day=desk.past(day)), f"It used {kwh} kWh.", figure_answer(kwh))


@recipe("get_energy_use")
def peak_hour(desk: IoTDesk) -> Request:
    name, (first, last) = meter(desk), desk.days()
    kwh = desk.call("get_energy_use", meter=name, first_day=first, last_day=last, detail="peak_hour")["kwh"]
    frames = (
        "How many kWh did '{meter}' take in its peak hour {span}?",
        "Find the hour in which '{meter}' used most {span}, and tell me how much that was.",
        "'{meter}' {span}: kWh in the highest hour?",
        "For sizing a battery I need the largest hourly use of '{meter}' {span}, in kWh.",
        "Please look at '{meter}' {span}. What was the consumption of the single hour with the highest use?",
    )
    return Request(desk.say(frames, meter=name, span=desk.span(first, last)), f"It was {kwh} kWh.", figure_answer(kwh))


@recipe("get_energy_use")
def highest_day(desk: IoTDesk) -> Request:
    name, (first, last) = meter(desk), desk.days(least=3)
    days = desk.call("get_energy_use", meter=name, first_day=first, last_day=last, detail="daily")["days"]
    day = max(days, key=lambda day: days[day])
    frames = (
        "On which day did '{meter}' use most electricity {span}?",
        "Go through the days of '{meter}' {span} and tell me the date with the highest use.",
        "'{meter}' {span}, day by day: which date is the top one?",
        "One day must have been very bad for '{meter}'. Which date was the worst {span}?",
        "Please list the daily use of '{meter}' {span} and name the date on which it was largest.",
    )
    return Request(desk.say(frames, meter=name, span=desk.span(first, last)), f"It was on {day}.", date_answer(day))


@recipe("get_energy_cost")
def cost(desk: IoTDesk) -> Request:
    name, (first, last) = meter(desk), desk.days()
    euro = desk.call("get_energy_cost", {"tariff": (desk.world.tariff,)}, meter=name, first_day=first, last_day=last)["euro"]
    frames = (
        "What did the electricity of '{meter}' cost {span}?",
        "How many euro did we pay for '{meter}' {span}?",
        "'{meter}' {span}: cost in euro?",
        "My flatmate has to refund me what '{meter}' cost {span}. How much is it?",
        "Please work out the cost of running '{meter}' {span} on our own tariff.",
        "I would like to know the price of the power that '{meter}' drew {span}.",
    )
    return Request(desk.say(frames, meter=name, span=desk.span(first, last)), f"It cost {euro} euro.", figure_answer(euro))


@recipe("get_energy_cost")
def cost_by_tariff(desk: IoTDesk) -> Request:
    name, day, (tariff,) = meter(desk), past_day(desk), other_tariffs(desk, 1)
    euro = desk.call("get_energy_cost", {"last_day": (day,)}, meter=name, first_day=day, tariff=tariff)["euro"]
    frames = (
        "What would the use of '{meter}' {day} cost with the tariff '{tariff}'?",
        "Apply the tariff '{tariff}' to '{meter}' {day} and tell me the euro.",
        "'{meter}' {day}, tariff '{tariff}': euro?",
        "An adviser recommends '{tariff}'. By that tariff, how much is the electricity of '{meter}' {day}?",
        "Please compute the cost of '{meter}' {day} by '{tariff}' prices.",
    )
    query = desk.say(frames, meter=name, day=desk.past(day), tariff=tariff)
    return Request(query, f"By {tariff} it is {euro} euro.", figure_answer(euro))


@recipe("get_sensor_statistics", "find_sensor_readings")
def readings_above_mean(desk: IoTDesk) -> Request:
    name, day = sensor(desk), past_day(desk)
    mean = desk.call("get_sensor_statistics", {"last_day": (day,)}, sensor=name, first_day=day)["mean"]
    count = desk.call("find_sensor_readings", sensor=name, date=day, above=mean)["count"]
    frames = (
        "How many readings of {sensor} {day} were above the mean of that day?",
        "Compute the average of {sensor} {day}, then count the readings of the day that exceed it.",
        "{sensor} {day}: how many values over the day's average?",
        "I want to know how often {sensor} was higher than its own daily mean {day}. Work out the mean first.",
        "Please find the mean of {sensor} {day} and tell me how many readings that day lay above it.",
    )
    return Request(desk.say(frames, sensor=name, day=desk.past(day)), f"There are {count} readings above.", number_answer(count))


@recipe("get_sensor_statistics", "get_sensor_statistics")
def higher_mean(desk: IoTDesk) -> Request:
    name, days = sensor(desk), desk.several(desk.world.past_days, 2)
    means = [desk.call("get_sensor_statistics", {"last_day": (day,)}, sensor=name, first_day=day)["mean"] for day in days]
    frames = (
        "Compare the average of {sensor} {0} with that {1}: how much is the higher one?",
        "What was the mean of {sensor} {0}, and what {1}? I only need the larger value.",
        "{sensor} mean, {0} vs {1}: the bigger number?",
        "Take two averages of {sensor}, the one {0} and the one {1}, and tell me the greater.",
        "Please compute the means of {sensor} {0} and {1}, each day by itself, and report the higher.",
    )
    query = desk.say(frames, *map(desk.past, days), sensor=name)
    return Request(query, f"The higher one is {max(means)}.", figure_answer(max(means)), lookups=2)


@recipe("get_energy_use", "get_energy_use")
def hungrier_meter(desk: IoTDesk) -> Request:
    meters, (first, last) = desk.several(list(desk.world.meters), 2), desk.days()
    used = {name: desk.call("get_energy_use", meter=name, first_day=first, last_day=last)["kwh"] for name in meters}
    hungrier = max(meters, key=lambda name: used[name])
    frames = (
        "Which used more electricity {span}, '{0}' or '{1}', and how many kWh was it?",
        "Compare the total use of '{0}' and '{1}' {span}. How many kWh does the larger consumer have?",
        "'{0}' vs '{1}' {span}: higher kWh?",
        "I am looking for the bigger of two consumers, '{0}' and '{1}', {span}. Tell me its kWh.",
        "Please read both meters, '{0}' and '{1}', {span} and give me the higher total in kWh.",
    )
    query = desk.say(frames, *meters, span=desk.span(first, last))
    return Request(query, f"{hungrier} used more, {used[hungrier]} kWh.", figure_answer(used[hungrier]), lookups=2)


@recipe("get_energy_cost", "get_energy_cost")
def cheaper_tariff(desk: IoTDesk) -> Request:
    name, (first, last), tariffs = meter(desk), desk.days(), other_tariffs(desk, 2)
    euro = {tariff: desk.call("get_energy_cost", meter=name, first_day=first, last_day=last, tariff=tariff)["euro"] for tariff in tariffs}
    cheapest = min(tariffs, key=lambda tariff: euro[tariff])
    frames = (
        "For '{meter}' {span}, which tariff is cheaper, '{0}' or '{1}'? Tell me its cost in euro.",
        "I hesitate between '{0}' and '{1}'. What is the lower cost of '{meter}' {span} by the two tariffs?",
        "'{meter}' {span}: '{0}' vs '{1}', lower price?",
        "Work out what '{meter}' cost {span} by '{0}' and by '{1}', and report the smaller amount.",
        "Please compare the tariffs '{0}' and '{1}' on the use of '{meter}' {span}. How much is the better one?",
    )
    query = desk.say(frames, *tariffs, meter=name, span=desk.span(first, last))
    return Request(query, f"{cheapest} is cheaper: {euro[cheapest]} euro.", figure_answer(euro[cheapest]), lookups=2)


@recipe("get_energy_use", "get_energy_cost")
def cost_of_highest_day(desk: IoTDesk) -> Request:
    name, (first, last) = meter(desk), desk.days(least=3)
    days = desk.call("get_energy_use", meter=name, first_day=first, last_day=last, detail="daily")["days"]
    day = max(days, key=lambda day: days[day])
    accept = {"last_day": (day,), "tariff": (desk.world.tariff,)}
    euro = desk.call("get_energy_cost", accept, meter=name, first_day=day)["euro"]
    frames = (
        "Find the day with the highest use of '{meter}' {span}. What did that day cost?",
        "Look at '{meter}' day by day {span}: how many euro was the day on which it used most?",
        "'{meter}' {span}: date of highest daily use -> its cost?",
        "Which day {span} was the worst for '{meter}'? I want to know what that one day cost us.",
        "Please get the daily use of '{meter}' {span}, pick the top day and compute the cost of it.",
    )
    return Request(desk.say(frames, meter=name, span=desk.span(first, last)), f"It cost {euro} euro.", figure_answer(euro))


@recipe("get_energy_cost", "get_energy_cost", "get_energy_cost")
def cheapest_tariff(desk: IoTDesk) -> Request:
    name, (first, last), tariffs = meter(desk), desk.days(), other_tariffs(desk, 3)
    euro = {tariff: desk.call("get_energy_cost", meter=name, first_day=first, last_day=last, tariff=tariff)["euro"] for tariff in tariffs}
    cheapest = min(tariffs, key=lambda tariff: euro[tariff])
    frames = (
        "Of the tariffs '{0}', '{1}' and '{2}', what is the lowest cost of '{meter}' {span}?",
        "I have three offers, '{0}', '{1}' and '{2}'. Compute the cost of '{meter}' {span} by each and tell me the smallest.",
        "'{meter}' {span} by '{0}', '{1}', '{2}': cheapest amount?",
        "Please check '{0}', '{1}' and '{2}' against the use of '{meter}' {span}. How many euro is the cheapest?",
    )
    query = desk.say(frames, *tariffs, meter=name, span=desk.span(first, last))
    return Request(query, f"{cheapest} is cheapest: {euro[cheapest]} euro.", figure_answer(euro[cheapest]), lookups=3)


@recipe("get_energy_use", "get_energy_use", "get_energy_cost")
def cost_of_hungrier(desk: IoTDesk) -> Request:
    meters, (first, last) = desk.several(list(desk.world.meters), 2), desk.days()
    used = {name: desk.call("get_energy_use", meter=name, first_day=first, last_day=last)["kwh"] for name in meters}
    hungrier = max(meters, key=lambda name: used[name])
    euro = desk.call("get_energy_cost", {"tariff": (desk.world.tariff,)}, meter=hungrier, first_day=first, last_day=last)["euro"]
    frames = (
        "Which meter counted more {span}, '{0}' or '{1}'? Tell me what that one cost in the same time.",
        "Read the total use of '{0}' and '{1}' {span}, then work out the cost of the bigger consumer.",
        "'{0}' or '{1}', whichever used more {span}: cost in euro?",
        "Please find out whether '{0}' or '{1}' used more {span}, and compute how many euro the thirstier one took.",
    )
    query = desk.say(frames, *meters, span=desk.span(first, last))
    return Request(query, f"{hungrier} used more and cost {euro} euro.", figure_answer(euro), lookups=2)
