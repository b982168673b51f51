"""Requests about grades."""

from __future__ import annotations

from typing import Any

from envs.education.queries.desk import EducationDesk
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer

STATISTICS = {
    "mean": ("mean", "average"),
    "median": ("median",),
    "stdev": ("standard deviation",),
    "min": ("lowest score", "minimum"),
    "max": ("highest score", "maximum"),
    "pass_rate": ("pass rate",),
}


def graded(desk: EducationDesk) -> tuple[str, str, str, float]:
    """A course, a student id, a component and the score that is there."""
    course, book = desk.pick(list(desk.world.gradebooks.items()))
    student = desk.pick(list(book.scores))
    component, score = desk.pick(list(book.scores[student].items()))
    return course, student, component, score


def ungraded(desk: EducationDesk) -> tuple[str, str]:
    """A course, and the id of a student whose final is not graded."""
    places = [(course, student) for course, book in desk.world.gradebooks.items() for student, scores in book.scores.items()]
    return desk.pick([(course, student) for course, student in places if "final" not in desk.world.gradebooks[course].scores[student]])


def component_of(desk: EducationDesk, course: str) -> str:
    return desk.pick(list(desk.world.gradebooks[course].weights))


def new_score(desk: EducationDesk, *than: float) -> float:
    """From 40 to 98.5, at times with a half."""
    scores = (*range(40, 99), *range(40, 99), *(whole + 0.5 for whole in range(40, 99)))
    return desk.other(scores, *than)


def curve(desk: EducationDesk, course: str) -> tuple[dict[str, Any], str]:
    """Arguments of curve_grades, and the words for them."""
    component = component_of(desk, course)
    if desk.chance(0.4):
        points = desk.pick((2, 3, 5, 8, 10))
        return {"course": course, "component": component, "method": "add", "points": points}, f"by adding {points} points to every score"
    if desk.chance():
        return {"course": course, "component": component, "method": "root"}, "by the square root method"
    return {"course": course, "component": component}, desk.pick(("so that the best score becomes 100", "by scaling the best score to 100"))


# ---- one call


@recipe("record_grade")
def record(desk: EducationDesk) -> Request:
    course, student = ungraded(desk)
    score = new_score(desk)
    desk.call("record_grade", student_id=student, course=course, component="final", score=score)
    frames = (
        "Enter {score} as the final of {who} in {course}.",
        "{who} got {score} in the {course} final. Please put it in the gradebook.",
        "{course} final, {who}: {score}",
        "I have marked the last paper: {score} for {who}, final exam of {course}. Record it.",
        "Could you note a final score of {score} for {who} in {course}?",
        "The final of {who} in {course} was not graded so far; it is {score}.",
    )
    return Request(desk.say(frames, score=score, who=desk.who(student), course=desk.named(course)))


@recipe("record_grade")
def correct(desk: EducationDesk) -> Request:
    course, student, component, old = graded(desk)
    score = new_score(desk, old)
    desk.call("record_grade", student_id=student, course=course, component=component, score=score, replace=True)
    frames = (
        "The {component} score of {who} in {course} is wrong. Replace it by {score}.",
        "Please overwrite what {who} has for {component} in {course}: it should be {score}.",
        "{course} {component} {who}: correct to {score}, overwrite the old one",
        "After the appeal, {who} gets {score} instead of the old mark for {component} in {course}.",
        "I mistyped the {component} of {who} in {course}. Could you change the entry to {score}?",
        "Regraded: {component} of {who}, {course}, now {score}. The former score has to go.",
    )
    return Request(desk.say(frames, component=component, who=desk.who(student), course=desk.named(course), score=score))


@recipe("record_grade", asks=True)
def record_what(desk: EducationDesk) -> Request:
    course, student = ungraded(desk)
    score = new_score(desk)
    desk.ask("Which score should be entered?")
    desk.call("record_grade", student_id=student, course=course, component="final", score=score)
    frames = (
        "Please enter the final score of {who} in {course}.",
        "I have corrected the final of {who}, put it in the gradebook of {course}.",
        "grade {who} for the {course} final",
        "The final of {who} in {course} needs its score in the gradebook.",
        "Could you record how {who} did in the final of {course}?",
    )
    reply = desk.pick(("{0} points.", "It is {0}.", "The score is {0}.", "{0}, please.")).format(score)
    return Request(desk.say(frames, who=desk.who(student), course=desk.named(course)), reply=reply)


@recipe("compute_average")
def average(desk: EducationDesk) -> Request:
    course, student, *_ = graded(desk)
    value = desk.call("compute_average", student_id=student, course=course)["average"]
    frames = (
        "What is the weighted average of {who} in {course}?",
        "Where does {who} stand in {course} right now? I need the average.",
        "{who}, {course}: current average?",
        "Please work out the course average of {who} in {course} from the scores so far.",
        "Report time: how high is the average of {who} in {course}?",
    )
    return Request(desk.say(frames, who=desk.who(student), course=desk.named(course)), f"The average is {value}.", number_answer(value))


@recipe("compute_average")
def average_dropped(desk: EducationDesk) -> Request:
    course, student, *_ = graded(desk)
    value = desk.call("compute_average", student_id=student, course=course, drop_lowest=True)["average"]
    frames = (
        "What would the average of {who} in {course} be without the lowest score?",
        "Please compute how {who} stands in {course} if the worst component is dropped.",
        "{who} in {course}, lowest dropped: average?",
        "My policy is to ignore everyone's weakest result. Which average does that give {who} in {course}?",
        "Leave out the lowest component and tell me the average of {who} in {course}.",
    )
    return Request(desk.say(frames, who=desk.who(student), course=desk.named(course)), f"The average is {value}.", number_answer(value))


@recipe("compute_average")
def average_assumed(desk: EducationDesk) -> Request:
    course, student = ungraded(desk)
    score = desk.pick((50, 60, 70, 75, 80, 85, 90, 95, 100))
    value = desk.call("compute_average", student_id=student, course=course, assumed=[{"component": "final", "score": score}])["average"]
    frames = (
        "If {who} gets {score} in the final of {course}, what is the average?",
        "Which average would a final of {score} give {who} in {course}?",
        "{who}, {course}: average with {score} in the final?",
        "The final of {who} in {course} is still open. Suppose it is {score}; what average comes out?",
        "Please play it through for {who}: {score} in the {course} final. How high is the average then?",
    )
    said = {"who": desk.who(student), "course": desk.named(course), "score": score}
    return Request(desk.say(frames, **said), f"The average would be {value}.", number_answer(value))


@recipe("summarize_grades")
def class_component(desk: EducationDesk) -> Request:
    course, statistic = desk.course().code, desk.pick(tuple(STATISTICS))
    component = component_of(desk, course)
    value = desk.call("summarize_grades", course=course, component=component, statistic=statistic)[statistic]
    frames = (
        "What is the {statistic} of the {component} in {course}?",
        "Please compute the {statistic} over all {component} scores of {course}.",
        "{course}, {component}: {statistic}?",
        "For the staff meeting I need the {statistic} for {component} in {course}.",
        "How did the class {course} do in {component}? Just the {statistic}.",
        "Take the {component} results of the whole of {course} and tell me the {statistic}.",
    )
    word = desk.pick(STATISTICS[statistic])
    said = {"statistic": word, "component": component, "course": desk.named(course)}
    return Request(desk.say(frames, **said), f"The {word} is {value}.", number_answer(value))


@recipe("summarize_grades")
def class_total(desk: EducationDesk) -> Request:
    course, statistic = desk.course().code, desk.pick(("mean", "median", "stdev", "pass_rate"))
    value = desk.call("summarize_grades", course=course, statistic=statistic)[statistic]
    frames = (
        "What is the {statistic} of the weighted totals in {course}?",
        "Over the totals of all students of {course}, what is the {statistic}?",
        "{course} totals: {statistic}?",
        "I compare whole classes. Please give me the {statistic} of the course totals of {course}.",
        "Could you work out the {statistic} of everybody's total in {course}?",
        "The dean asks for the {statistic} of the overall results in {course}.",
    )
    word = desk.pick(STATISTICS[statistic])
    return Request(desk.say(frames, statistic=word, course=desk.named(course)), f"The {word} is {value}.", number_answer(value))


@recipe("curve_grades")
def curve_class(desk: EducationDesk) -> Request:
    arguments, how = curve(desk, desk.course().code)
    desk.call("curve_grades", **arguments)
    frames = (
        "Curve the {component} of {course} {how}.",
        "The {component} in {course} was too hard, please raise the scores {how}.",
        "{course} {component}: curve {how}",
        "I would like to lift everybody's {component} scores in {course} {how}.",
        "Could you adjust all {component} results of {course} {how}?",
        "We agreed to improve the {component} of {course} {how}. Please apply it to the class.",
    )
    return Request(desk.say(frames, component=arguments["component"], course=desk.named(arguments["course"]), how=how))


@recipe("curve_grades")
def curve_and_mean(desk: EducationDesk) -> Request:
    arguments, how = curve(desk, desk.course().code)
    mean = desk.call("curve_grades", **arguments)["mean"]
    frames = (
        "Raise the {component} scores of {course} {how}. What is the new mean of it?",
        "Please curve {component} in {course} {how} and tell me the mean afterwards.",
        "{course}, {component}: curve {how}; new mean?",
        "The class {course} deserves better in {component}: lift it {how} and report the mean that results.",
        "Apply a curve to the {component} of {course} {how}, then name me the class mean in it.",
        "Which mean does the {component} of {course} have once all its scores are raised {how}? Do raise them.",
    )
    said = {"component": arguments["component"], "course": desk.named(arguments["course"]), "how": how}
    return Request(desk.say(frames, **said), f"The mean is {mean} now.", number_answer(mean))


# ---- several calls


@recipe("record_grade", "compute_average")
def record_and_average(desk: EducationDesk) -> Request:
    course, student = ungraded(desk)
    score = new_score(desk)
    desk.call("record_grade", student_id=student, course=course, component="final", score=score)
    value = desk.call("compute_average", student_id=student, course=course)["average"]
    frames = (
        "Enter {score} as the {course} final of {who} and tell me the resulting average.",
        "{who} has {score} in the final of {course}. Record it; what average do they end with?",
        "{course} final {who} = {score}, then their weighted average?",
        "Please put the final score {score} of {who} into the gradebook of {course}, then compute the average.",
        "With the final graded at {score}, where does {who} land in {course}? Save the score, then give the average.",
    )
    said = {"score": score, "who": desk.who(student), "course": desk.named(course)}
    return Request(desk.say(frames, **said), f"The average is {value}.", number_answer(value))


@recipe("curve_grades", "summarize_grades")
def curve_and_summarize(desk: EducationDesk) -> Request:
    arguments, how = curve(desk, desk.course().code)
    statistic = desk.pick(("median", "min", "stdev", "pass_rate"))
    course, component = arguments["course"], arguments["component"]
    desk.call("curve_grades", **arguments)
    value = desk.call("summarize_grades", course=course, component=component, statistic=statistic)[statistic]
    frames = (
        "Curve the {component} of {course} {how}, then tell me its {statistic}.",
        "Please lift the {component} scores in {course} {how}. What is the {statistic} of them after that?",
        "{course} {component}: curve {how}; {statistic} then?",
        "First raise {component} in {course} {how}. I then need the {statistic} in it.",
    )
    word = desk.pick(STATISTICS[statistic])
    said = {"component": component, "course": desk.named(course), "how": how, "statistic": word}
    return Request(desk.say(frames, **said), f"The {word} is {value}.", number_answer(value))


@recipe("summarize_grades", "summarize_grades")
def compare_components(desk: EducationDesk) -> Request:
    course = desk.course().code
    first, second = desk.several(list(desk.world.gradebooks[course].weights), 2)
    value = max(desk.call("summarize_grades", course=course, component=part, statistic="median")["median"] for part in (first, second))
    frames = (
        "In {course}, compare the median of {first} with the median of {second}. How much is the higher one?",
        "Which median is higher in {course}, that of {first} or that of {second}? Tell me the number.",
        "{course}: medians of {first} and {second}, the larger of the two?",
        "Please look at the medians for {first} and for {second} in {course} and give me the better value.",
    )
    said = {"course": desk.named(course), "first": first, "second": second}
    return Request(desk.say(frames, **said), f"The higher median is {value}.", number_answer(value), lookups=2)


@recipe("record_grade", "compute_average", "summarize_grades")
def record_and_compare(desk: EducationDesk) -> Request:
    course, student = ungraded(desk)
    score = new_score(desk)
    desk.call("record_grade", student_id=student, course=course, component="final", score=score)
    mine = desk.call("compute_average", student_id=student, course=course)["average"]
    mean = desk.call("summarize_grades", course=course)["mean"]
    higher = max(mine, mean)
    frames = (
        "Record {score} as the {course} final of {who}. Then compare their average with the mean of the class totals; name the higher.",
        "{who} got {score} in the {course} final, enter that. Next, of their average and the mean total of the class, which is larger?",
        "{course} final {who}: {score}. then their average vs the mean of all totals, the bigger number?",
        "Please save the final {score} for {who} in {course}, get the average, then the class mean over totals, and tell me the greater.",
    )
    said = {"score": score, "who": desk.who(student), "course": course}
    return Request(desk.say(frames, **said), f"The higher one is {higher}.", number_answer(higher))


@recipe("record_grade", "record_grade", "summarize_grades")
def record_two(desk: EducationDesk) -> Request:
    course = desk.pick(
        [code for code, book in desk.world.gradebooks.items() if sum("final" not in part for part in book.scores.values()) > 1]
    )
    book = desk.world.gradebooks[course]
    one, two = desk.several([student for student, scores in book.scores.items() if "final" not in scores], 2)
    scores = new_score(desk), new_score(desk)
    for student, score in zip((one, two), scores, strict=True):
        desk.call("record_grade", student_id=student, course=course, component="final", score=score)
    value = desk.call("summarize_grades", course=course, component="final", statistic="median")["median"]
    frames = (
        "Enter two finals in {course}: {0} for {one}, {1} for {two}. What is the median of the final then?",
        "The last finals of {course} are graded, {one} has {0} and {two} has {1}. Record both and tell me the new median of that exam.",
        "{course} final: {one} {0}, {two} {1}; median of the final after that?",
        "Please put {0} ({one}) and {1} ({two}) into the gradebook as finals of {course}, and compute the median of all finals in it.",
    )
    said = {"course": course, "one": desk.who(one), "two": desk.who(two)}
    query = desk.say(frames, *map(str, scores), **said)
    return Request(query, f"The median is {value}.", number_answer(value), lookups=2)
