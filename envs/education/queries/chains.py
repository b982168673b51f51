"""Requests that lead through several areas of the college, what one call returns being needed by a later one."""

from __future__ import annotations

from typing import Any

from envs.education import vocabulary as words
from envs.education.queries import coursework, grades, library, registry
from envs.education.queries.desk import SPANS, EducationDesk
from envs.education.queries.study import STYLES
from envs.education.queries.timetable import wish
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer


def id_of(desk: EducationDesk, student: str) -> str:
    """The id that find_student gives for the name of a student."""
    found: str = desk.call("find_student", name=name_of(desk, student))["id"]
    return found


def name_of(desk: EducationDesk, student: str) -> str:
    return desk.world.students[student].name


# ---- two calls


@recipe("find_student", "compute_average")
def average_by_name(desk: EducationDesk) -> Request:
    course, student, *_ = grades.graded(desk)
    value = desk.call("compute_average", student_id=id_of(desk, student), course=course)["average"]
    frames = (
        "Look up {name} and tell me the current average in {course}.",
        "What is the weighted average of {name} in {course}? I do not have the student id.",
        "{name} (find the id): average in {course}?",
        "Please find the id of {name}, then compute how they stand in {course}.",
        "Could you check the average {name} has in {course}? The records hold the id.",
    )
    said = {"name": name_of(desk, student), "course": desk.named(course)}
    return Request(desk.say(frames, **said), f"The average is {value}.", number_answer(value))


@recipe("find_student", "record_grade")
def record_by_name(desk: EducationDesk) -> Request:
    course, student = grades.ungraded(desk)
    score = grades.new_score(desk)
    desk.call("record_grade", student_id=id_of(desk, student), course=course, component="final", score=score)
    frames = (
        "Find {name} and enter {score} as their final in {course}.",
        "{name} got {score} in the {course} final. Look up the student id and record it.",
        "{course} final, {name} (id unknown): {score}",
        "Please put {score} into the gradebook of {course} as the final of {name}, after looking up the id.",
        "The exam paper only says {name}. Get the id, then save {score} for the final of {course}.",
    )
    return Request(desk.say(frames, name=name_of(desk, student), score=score, course=desk.named(course)))


@recipe("find_student", "summarize_attendance")
def attendance_by_name(desk: EducationDesk) -> Request:
    course = desk.course().code
    register = desk.world.registers[course]
    counted = [who for who in register.students if {session[who] for session in register.sessions.values()} != {"excused"}]
    student = desk.pick(counted)
    rate = desk.call("summarize_attendance", course=course, student_id=id_of(desk, student))["rate"]
    frames = (
        "What is the attendance rate of {name} in {course}? Look up the id first.",
        "Find {name} in the records and tell me how many percent of {course} they attended.",
        "{name}, attendance rate in {course}? (id to be searched)",
        "Please get the id of {name} and work out how regularly, in percent, they come to {course}.",
    )
    said = {"name": name_of(desk, student), "course": desk.named(course)}
    return Request(desk.say(frames, **said), f"The rate is {rate} percent.", number_answer(rate))


@recipe("find_student", "return_book")
def return_by_name(desk: EducationDesk) -> Request:
    book, student = library.loan(desk)
    fine = desk.call("return_book", book_id=book.id, student_id=id_of(desk, student), damaged=True)["fine"]
    frames = (
        "{name} returns {id} ruined; it must be replaced. Find the student id, take it back and tell me the charge.",
        "Look up {name}, then end their loan of {id}, which is damaged beyond repair. What do they pay?",
        "{id} back from {name} (find the id), damaged; fine?",
        "Please get the id of {name} and check in the book {id}. Coffee has destroyed it, so how much is due?",
    )
    return Request(desk.say(frames, name=name_of(desk, student), id=book.id), f"The fine is {fine}.", number_answer(fine))


@recipe("find_book", "create_citation")
def cite_library_book(desk: EducationDesk) -> Request:
    book, style = library.any_book(desk), desk.pick(tuple(STYLES))
    citation = cited(desk, library.look_up(desk, book), style)
    frames = (
        "Find '{title}' in the library and give me its reference in {style} style.",
        "I have read '{title}' from our library. Look up its details and cite it in {style}.",
        "'{title}' (library) -> {style} reference",
        "Please search the catalogue for '{title}', then write the {style} entry for my bibliography.",
        "How is '{title}' cited in {style}? Author, year and publisher are in the library catalogue.",
    )
    return Request(desk.say(frames, title=book.title, style=STYLES[style]), citation, (citation, citation.rstrip(".")))


def cited(desk: EducationDesk, found: dict[str, Any], style: str) -> str:
    """The reference for a book that find_book showed."""
    details = {"title": found["title"], "year": found["year"], "publisher": found["publisher"]}
    citation: str = desk.call("create_citation", authors=[found["author"]], **details, style=style)["citation"]
    return citation


@recipe("create_assignment", "message_class")
def assign_and_tell(desk: EducationDesk) -> Request:
    course, due = desk.course().code, desk.day()
    title = desk.work_title(course)
    created = desk.call("create_assignment", course=course, title=title, due=due)
    send_on = {"send_on": (desk.world.today,)}
    desk.call("message_class", send_on, course=course, subject="New assignment", text=f"Please hand in {created['id']}.")
    frames = (
        "Set '{title}' for {course}, due {due}, then message the class: subject 'New assignment', text 'Please hand in <its id>.'",
        "Create the assignment '{title}' in {course} for {due} and write everybody there 'Please hand in <id>.', subject 'New assignment'.",
        "{course}: assignment '{title}' by {due}; then message to all, 'New assignment' / 'Please hand in <id>.'",
        "Put up '{title}' for {course} until {due}. Then the class should read 'Please hand in <the new id>.', subject 'New assignment'.",
    )
    return Request(desk.say(frames, title=title, course=course, due=desk.dated(due)))


@recipe("summarize_grades", "message_class")
def tell_median(desk: EducationDesk) -> Request:
    course = desk.course().code
    component = grades.component_of(desk, course)
    tell_statistic(desk, course, component)
    frames = (
        "Tell the class {course} the median of its {component}: subject 'Results', text 'Median: N', N being the number.",
        "Work out the median of {component} in {course} and send everybody there 'Median: <median>' with the subject 'Results'.",
        "{course}, {component}: median -> message to the class, 'Results' / 'Median: <median>'",
        "My students in {course} want to know the median of {component}. Please write them 'Median: <number>', subject 'Results'.",
    )
    return Request(desk.say(frames, course=course, component=component))


def tell_statistic(desk: EducationDesk, course: str, component: str) -> None:
    median = desk.call("summarize_grades", course=course, component=component, statistic="median")["median"]
    desk.call("message_class", {"send_on": (desk.world.today,)}, course=course, subject="Results", text=f"Median: {median}")


# ---- three calls


@recipe("find_student", "find_book", "borrow_book")
def borrow_by_names(desk: EducationDesk) -> Request:
    book, student = library.offer(desk)
    days = desk.pick(tuple(SPANS))
    desk.call("borrow_book", student_id=id_of(desk, student), book_id=library.look_up(desk, book)["id"], days=days)
    frames = (
        "Lend '{title}' to {name} for {span}. Look up both the student and the book.",
        "{name} would like to have '{title}' for {span}. Find the student id and the book id, then enter the loan.",
        "loan of '{title}' to {name}, {span}; both ids must be found",
        "Please check out '{title}' for {name}, {span}. I have neither the id of the book nor that of the student.",
        "Search for {name} and for '{title}', and when you have the ids, book a loan of {span}.",
    )
    return Request(desk.say(frames, title=book.title, name=name_of(desk, student), span=desk.span(days)), lookups=2)


@recipe("find_student", "record_grade", "compute_average")
def record_by_name_and_average(desk: EducationDesk) -> Request:
    course, student = grades.ungraded(desk)
    score, found = grades.new_score(desk), id_of(desk, student)
    desk.call("record_grade", student_id=found, course=course, component="final", score=score)
    value = desk.call("compute_average", student_id=found, course=course)["average"]
    frames = (
        "Look up {name}, record {score} as the final in {course} and tell me the average after that.",
        "{name} scored {score} in the final of {course}. Find the id, enter it, then compute the weighted average.",
        "{name}: find id, {course} final = {score}, then average?",
        "Please get the id of {name}, save the {course} final of {score} and work out where that leaves them on average.",
    )
    said = {"name": name_of(desk, student), "score": score, "course": desk.named(course)}
    return Request(desk.say(frames, **said), f"The average is {value}.", number_answer(value))


@recipe("find_student", "list_assignments", "submit_assignment")
def submit_by_names(desk: EducationDesk) -> Request:
    item, student = coursework.open_work(desk)
    text, found = desk.work(item.course, item.title), id_of(desk, student)
    listed = coursework.look_up(desk, item)
    desk.call("submit_assignment", {"date": (desk.world.today,)}, assignment_id=listed["id"], student_id=found, text=text)
    frames = (
        "Hand in '{text}' for {name} as '{title}' in {course}. Look up the student and the assignment.",
        "{name} has finished '{title}' for {course}. Find both ids and submit '{text}'",
        "{course} '{title}', {name}: '{text}' (both ids to be found)",
        "Please find {name} and the assignment '{title}' of {course}, then file '{text}' for them.",
    )
    said = {"text": text, "name": name_of(desk, student), "title": item.title, "course": item.course}
    return Request(desk.say(frames, **said), lookups=2)


@recipe("find_room", "book_room", "message_class")
def book_and_tell(desk: EducationDesk) -> Request:
    course, purpose = desk.course().code, desk.pick(words.PURPOSES)
    phrase = book_smallest(desk, course, purpose)
    frames = (
        "Find the smallest free room {wish}, book it for '{purpose}' and tell {course} 'We meet in <room>.', subject '{purpose}'.",
        "'{purpose}' of {course} needs the smallest room {wish}. Reserve it, then message the class 'We meet in <room>.', same subject.",
        "smallest free room {wish} -> book '{purpose}' -> message {course}: '{purpose}' / 'We meet in <room>.'",
        "Please take the smallest room free {wish} for '{purpose}', then write that as subject to {course}, text 'We meet in <room>.'",
    )
    return Request(desk.say(frames, wish=phrase, purpose=purpose, course=course))


def book_smallest(desk: EducationDesk, course: str, purpose: str) -> str:
    """Find, book and announce a room. Returns the words for what is wished."""
    wanted, accept, phrase = wish(desk)
    room = desk.call("find_room", accept, **wanted)["room"]
    desk.call("book_room", room=room, date=wanted["date"], start=wanted["start"], purpose=purpose, minutes=wanted["minutes"])
    desk.call("message_class", {"send_on": (desk.world.today,)}, course=course, subject=purpose, text=f"We meet in {room}.")
    return phrase


@recipe("curve_grades", "summarize_grades", "message_class")
def curve_and_tell(desk: EducationDesk) -> Request:
    arguments, how = grades.curve(desk, desk.course().code)
    desk.call("curve_grades", **arguments)
    tell_statistic(desk, arguments["course"], arguments["component"])
    frames = (
        "Curve the {component} of {course} {how}, get its new median and message the class 'Median: N', subject 'Results'.",
        "Raise the {component} in {course} {how}. Then send everybody there 'Median: <its new median>' with the subject 'Results'.",
        "{course} {component}: curve {how}, then median, then message to the class 'Results' / 'Median: <median>'",
        "Please lift {component} in {course} {how}. Afterwards work out its median and write the class 'Median: <it>', subject 'Results'.",
    )
    return Request(desk.say(frames, component=arguments["component"], course=arguments["course"], how=how))


@recipe("find_book", "create_citation", "create_flash_card")
def cite_library_book_on_card(desk: EducationDesk) -> Request:
    book, style = library.any_book(desk), desk.pick(tuple(STYLES))
    deck = desk.pick((*desk.world.decks, "Sources", "Reading list"))
    citation = cited(desk, library.look_up(desk, book), style)
    desk.call("create_flash_card", deck=deck, front=book.title, back=citation)
    frames = (
        "Find '{title}' in the library, cite it in {style} and add a card to '{deck}': the title in front, the citation on the back.",
        "Look '{title}' up in the catalogue. Its {style} reference goes on the back of a new card in '{deck}', the title on the front.",
        "'{title}' (catalogue) -> {style} reference -> card in '{deck}', front title, back reference",
        "Please search the library for '{title}', write its {style} entry and keep it as a flash card in '{deck}' under the title.",
    )
    return Request(desk.say(frames, title=book.title, style=STYLES[style], deck=deck))


# ---- four calls


@recipe("find_student", "find_course", "withdraw_student", "enrol_student")
def swap_by_names(desk: EducationDesk) -> Request:
    student, old, new = registry.change(desk)
    found = id_of(desk, student.id)
    code = desk.call("find_course", text=new.title)["courses"][0]["code"]
    desk.call("withdraw_student", student_id=found, course=old.code)
    desk.call("enrol_student", student_id=found, course=code)
    frames = (
        "{name} changes from {old} to '{new}': find the student and the code of the new course, withdraw first, then enrol.",
        "Look up {name} and '{new}'. Then take the student out of {old} and, that done, into the new course.",
        "{name}: leave {old}, then join '{new}'; student id and new code to be found",
        "Please search for {name} and for the code of '{new}', end the place in {old} and after that give one in the new course.",
    )
    return Request(desk.say(frames, name=student.name, old=old.code, new=new.title), lookups=2)


@recipe("find_student", "find_book", "return_book", "compute_average")
def return_and_average(desk: EducationDesk) -> Request:
    pairs = [
        (course, book, student)
        for book, student in desk.world.loans
        for course, gradebook in desk.world.gradebooks.items()
        if student in gradebook.scores
    ]
    course, book, student = desk.pick(pairs)
    found = id_of(desk, student)
    desk.call("return_book", book_id=library.look_up(desk, desk.world.books[book])["id"], student_id=found)
    value = desk.call("compute_average", student_id=found, course=course)["average"]
    frames = (
        "{name} brings back '{title}'. Find the student and the book, end the loan, then tell me their average in {course}.",
        "Look up {name} and '{title}', check the book in, and after that compute how {name} stands in {course} on average.",
        "{name} + '{title}': find both, return the book, then average in {course}?",
        "Please search for {name} and for the book '{title}'. It comes back today; next I want the {course} average of {name}.",
    )
    said = {"name": name_of(desk, student), "title": desk.world.books[book].title, "course": course}
    return Request(desk.say(frames, **said), f"The average is {value}.", number_answer(value), lookups=2)


@recipe("find_room", "book_room", "create_assignment", "message_class")
def room_work_and_message(desk: EducationDesk) -> Request:
    course, purpose = desk.course().code, desk.pick(words.PURPOSES)
    wanted, accept, phrase = wish(desk)
    title, due = desk.work_title(course), desk.day()
    room = desk.call("find_room", accept, **wanted)["room"]
    desk.call("book_room", room=room, date=wanted["date"], start=wanted["start"], purpose=purpose, minutes=wanted["minutes"])
    desk.call("create_assignment", course=course, title=title, due=due)
    desk.call("message_class", {"send_on": (desk.world.today,)}, course=course, subject=purpose, text=f"We meet in {room}.")
    frames = (
        "Book the smallest free room {wish} for '{purpose}'. Then {course} gets '{title}' due {due} and the message 'We meet in <room>.'",
        "For {course}: reserve the smallest room {wish} ('{purpose}'), assign '{title}' by {due}, lastly write 'We meet in <room>.'",
        "Assignment and meeting for {course}: '{title}', due {due}, but first book a room {wish}, the smallest free one ('{purpose}'). "
        "At the end they all get the message 'We meet in <room>.'",
        "{course}: smallest room {wish}, book '{purpose}'; assignment '{title}', {due}; then message 'We meet in <room>.'",
    )
    query = desk.say(frames, wish=phrase, purpose=purpose, course=course, title=title, due=desk.dated(due))
    return Request(f"{query} Its subject is '{purpose}'.")


@recipe("find_student", "list_assignments", "submit_assignment", "compute_average")
def submit_and_average(desk: EducationDesk) -> Request:
    options = [
        (item, student)
        for item in desk.world.assignments.values()
        for student in desk.world.gradebooks[item.course].scores
        if item.due >= desk.world.today and student not in item.submissions
    ]
    item, student = desk.pick(options)
    text, found = desk.work(item.course, item.title), id_of(desk, student)
    listed = coursework.look_up(desk, item)
    desk.call("submit_assignment", {"date": (desk.world.today,)}, assignment_id=listed["id"], student_id=found, text=text)
    value = desk.call("compute_average", student_id=found, course=item.course)["average"]
    frames = (
        "Look up {name} and the assignment '{title}' of {course}, submit '{text}' and then tell me the average {name} has in {course}.",
        "{name} hands in '{text}' for '{title}' ({course}). Find both ids and file it; after that, what is the average in the course?",
        "{course}, {name}, '{title}': find ids, hand in '{text}', then course average?",
        "Please find {name} and '{title}' in {course}. Once '{text}' is submitted there, compute how they stand in the course.",
    )
    said = {"name": name_of(desk, student), "title": item.title, "course": item.course, "text": text}
    return Request(desk.say(frames, **said), f"The average is {value}.", number_answer(value), lookups=2)


# ---- five calls


@recipe("find_student", "find_course", "enrol_student", "find_book", "borrow_book")
def enrol_and_borrow(desk: EducationDesk) -> Request:
    options = [
        (student, course, book)
        for student in desk.world.students.values()
        for course in desk.world.courses.values()
        for book in desk.world.books.values()
        if registry.free(desk, course)
        and student.id not in desk.world.enrolments[course.code]
        and library.may_borrow(desk, student.id, book)
    ]
    student, course, book = desk.pick(options)
    days = desk.pick(tuple(SPANS))
    found = id_of(desk, student.id)
    code = desk.call("find_course", text=course.title)["courses"][0]["code"]
    desk.call("enrol_student", student_id=found, course=code)
    desk.call("borrow_book", book_id=library.look_up(desk, book)["id"], student_id=found, days=days)
    frames = (
        "Find {name} and the course '{course}' and enrol them. Then look for the book '{title}' and lend it to them for {span}.",
        "{name} is new: look up id and code of '{course}', register the place, then search for '{title}' and book a loan of {span}.",
        "{name}: find id, find '{course}', enrol; next find the book '{title}', loan for {span}",
        "Please get {name} into '{course}' (id and code must be found). After that find '{title}' and lend it to them for {span}.",
    )
    said = {"name": student.name, "course": course.title, "title": book.title, "span": desk.span(days)}
    return Request(desk.say(frames, **said), lookups=2)


@recipe("find_student", "find_book", "borrow_book", "create_citation", "create_flash_card")
def borrow_and_cite(desk: EducationDesk) -> Request:
    book, student = library.offer(desk)
    style, days, deck = desk.pick(tuple(STYLES)), desk.pick(tuple(SPANS)), desk.pick((*desk.world.decks, "Sources"))
    found, listed = id_of(desk, student), library.look_up(desk, book)
    desk.call("borrow_book", book_id=listed["id"], student_id=found, days=days)
    citation = cited(desk, listed, style)
    desk.call("create_flash_card", deck=deck, front=book.title, back=citation)
    frames = (
        "Look up {name} and '{title}', lend it for {span}, cite it in {style} and make a card in '{deck}': front title, back citation.",
        "{name} borrows '{title}' for {span}; find both ids. Then its {style} reference goes on the back of a card '{title}' in '{deck}'.",
        "{name} + '{title}': find both, loan {span}, then {style} reference, then card in '{deck}' (front title, back reference)",
        "Find {name} and '{title}' and enter a loan of {span}. Next keep its {style} entry in '{deck}' as a card with the title in front.",
    )
    said = {"name": name_of(desk, student), "title": book.title, "span": desk.span(days), "style": STYLES[style], "deck": deck}
    return Request(desk.say(frames, **said), lookups=2)


@recipe("curve_grades", "summarize_grades", "find_room", "book_room", "message_class")
def curve_and_meet(desk: EducationDesk) -> Request:
    arguments, how = grades.curve(desk, desk.course().code)
    course, component = arguments["course"], arguments["component"]
    desk.call("curve_grades", **arguments)
    mean = desk.call("summarize_grades", course=course, component=component, statistic="pass_rate")["pass_rate"]
    phrase = book_smallest(desk, course, "Exam review")
    frames = (
        "Curve {component} in {course} {how}; its pass rate? Book the smallest room {wish}, then tell the class 'We meet in <room>.'",
        "{course} {component}: curve {how}, pass rate?; smallest free room {wish}: book it; message the class 'We meet in <room>.'",
        "The {component} of {course} should go up {how}; tell me its pass rate. We then meet in the smallest room free {wish}: book it "
        "and message the class 'We meet in <room>.'",
        "Raise {component} of {course} {how}, name its pass rate, reserve the smallest room {wish}, write the class 'We meet in <room>.'",
    )
    query = desk.say(frames, component=component, course=course, how=how, wish=phrase)
    return Request(f"{query} Purpose and subject are 'Exam review'.", f"The pass rate is {mean} percent.", number_answer(mean))


@recipe("find_student", "record_grade", "compute_average", "find_book", "borrow_book")
def grade_and_lend(desk: EducationDesk) -> Request:
    options = [
        (course, student, book)
        for course, gradebook in desk.world.gradebooks.items()
        for student, scores in gradebook.scores.items()
        for book in desk.world.books.values()
        if "final" not in scores and library.may_borrow(desk, student, book)
    ]
    course, student, book = desk.pick(options)
    score, found = grades.new_score(desk), id_of(desk, student)
    desk.call("record_grade", student_id=found, course=course, component="final", score=score)
    value = desk.call("compute_average", student_id=found, course=course)["average"]
    desk.call("borrow_book", book_id=library.look_up(desk, book)["id"], student_id=found)
    frames = (
        "Find {name}, enter {score} as the {course} final and tell me the average. Then look for '{title}' and lend it, too.",
        "{name} got {score} in the {course} final: look up the id, record it, name the average. Then find '{title}' and check it out.",
        "{name}: find id, {course} final {score}, average?; next find '{title}', normal loan to {name}",
        "Look up {name} and save {score} for the final of {course}; what average results? Next, search '{title}' and lend it out to them.",
    )
    said = {"name": name_of(desk, student), "score": score, "course": course, "title": book.title}
    return Request(desk.say(frames, **said), f"The average is {value}.", number_answer(value))
