"""The words that colleges are made of. None holds a quotation mark, so that a query can quote any of them."""

from __future__ import annotations

from typing import NamedTuple


class Subject(NamedTuple):
    """What is taught, asked and read in one subject. `facts` are questions with their answers."""

    name: str
    courses: tuple[str, ...]
    topics: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    books: tuple[str, ...]


SUBJECTS = {
    "BIO": Subject(
        "biology",
        ("Cell Biology", "Genetics", "Marine Ecology", "Human Anatomy"),
        ("osmosis", "plant cells", "food webs", "inheritance", "the immune system", "photosynthesis"),
        (
            ("Which organelle releases energy", "mitochondrion"),
            ("Which pigment makes leaves green", "chlorophyll"),
            ("Which molecule carries genes", "DNA"),
            ("What is the largest organ of the body", "skin"),
            ("Which process splits one nucleus into two", "mitosis"),
            ("What do red blood cells carry", "oxygen"),
        ),
        ("Life Under the Lens", "The Patient Gene", "Tides and Creatures", "A Field Guide to Cells"),
    ),
    "CHE": Subject(
        "chemistry",
        ("Organic Chemistry", "Analytical Chemistry", "Polymer Science", "Chemistry of Water"),
        ("acids and bases", "reaction rates", "the periodic table", "titration", "catalysts", "crystal growth"),
        (
            ("Which gas do acids and metals give off", "hydrogen"),
            ("What is a substance that speeds up a reaction", "catalyst"),
            ("Which element has the symbol Na", "sodium"),
            ("What is the lightest noble gas", "helium"),
            ("Which bond shares electrons", "covalent"),
            ("What is solid carbon dioxide called", "dry ice"),
        ),
        ("The Quiet Reaction", "Molecules at Work", "Salt, Sugar, Acid", "Elements of Everything"),
    ),
    "PHY": Subject(
        "physics",
        ("Mechanics", "Optics", "Thermodynamics", "Quantum Physics"),
        ("free fall", "lenses", "heat engines", "pendulums", "standing waves", "magnetic fields"),
        (
            ("What is the unit of force", "newton"),
            ("What is the unit of pressure", "pascal"),
            ("Which particle carries light", "photon"),
            ("What is the bending of light called", "refraction"),
            ("What resists the sliding of surfaces", "friction"),
            ("Which quantity is mass times velocity", "momentum"),
        ),
        ("Falling Bodies", "Light in Slow Motion", "A Short Book of Heat", "Particles for the Curious"),
    ),
    "MAT": Subject(
        "mathematics",
        ("Linear Algebra", "Number Theory", "Calculus", "Probability"),
        ("prime numbers", "matrices", "limits", "random walks", "conic sections", "proof by induction"),
        (
            ("What is a number with exactly two divisors", "prime"),
            ("What is the middle of a sorted list", "median"),
            ("What is the longest side of a right triangle", "hypotenuse"),
            ("What does a derivative measure", "slope"),
            ("What is a polygon with eight sides", "octagon"),
            ("What is the top of a fraction", "numerator"),
        ),
        ("Numbers Without End", "The Shape of Chance", "Proofs in Plain Words", "Matrices by Hand"),
    ),
    "HIS": Subject(
        "history",
        ("Ancient History", "Modern Europe", "History of Trade", "Colonial History"),
        ("the Silk Road", "the French Revolution", "Roman roads", "the printing press", "the Hanseatic League", "medieval towns"),
        (
            ("In which city did the Renaissance begin", "Florence"),
            ("Which river fed ancient Egypt", "the Nile"),
            ("Which league traded on the Baltic Sea", "Hanseatic"),
            ("Which wall fell in 1989", "Berlin Wall"),
            ("Which empire built Machu Picchu", "Inca"),
            ("Who crossed the Alps with elephants", "Hannibal"),
        ),
        ("Harbours of the North", "Kings and Bakers", "The Road to Samarkand", "A Century in Letters"),
    ),
    "LIT": Subject(
        "literature",
        ("World Poetry", "Short Fiction", "Modern Drama", "Literary Theory"),
        ("the unreliable narrator", "free verse", "stage tragedy", "translation", "the epic", "satire"),
        (
            ("What is a poem of fourteen lines", "sonnet"),
            ("What is a speech by one actor alone", "monologue"),
            ("What is a comparison with like or as", "simile"),
            ("What is a long poem about heroes", "epic"),
            ("Who wrote Faust", "Goethe"),
            ("Who wrote The Odyssey", "Homer"),
        ),
        ("The Reader at Dusk", "Fourteen Lines", "Voices on a Stage", "How Stories End"),
    ),
    "GEO": Subject(
        "geography",
        ("Physical Geography", "Urban Geography", "Cartography", "Climate Studies"),
        ("river deltas", "glaciers", "map projections", "megacities", "monsoons", "soil erosion"),
        (
            ("What is molten rock above ground", "lava"),
            ("What is the capital of Peru", "Lima"),
            ("Which line divides north from south", "equator"),
            ("What is a map maker called", "cartographer"),
            ("Which is the largest ocean", "Pacific"),
            ("What is a river mouth with many arms", "delta"),
        ),
        ("Maps That Lie", "Ice and Stone", "The Thirsty City", "Weather for Walkers"),
    ),
    "ECO": Subject(
        "economics",
        ("Microeconomics", "Public Finance", "Labour Economics", "Econometrics"),
        ("price controls", "minimum wages", "trade deficits", "game theory", "inflation", "public goods"),
        (
            ("What is a lasting rise of prices", "inflation"),
            ("What is a market with one seller", "monopoly"),
            ("What is a tax on imports", "tariff"),
            ("What is the price of borrowed money", "interest"),
            ("What is a shrinking economy in", "recession"),
            ("What is the value of the next best choice", "opportunity cost"),
        ),
        ("The Price of Bread", "Markets and Manners", "Wages Through Time", "Counting the Commons"),
    ),
    "PSY": Subject(
        "psychology",
        ("Social Psychology", "Child Development", "Perception", "Memory and Learning"),
        ("conditioning", "attachment", "optical illusions", "group pressure", "sleep", "short-term memory"),
        (
            ("Who trained dogs with a bell", "Pavlov"),
            ("What is the fear of heights", "acrophobia"),
            ("Which hormone answers stress", "cortisol"),
            ("What is loss of memory called", "amnesia"),
            ("Which sense uses the retina", "sight"),
            ("What is a false treatment that works", "placebo"),
        ),
        ("The Crowded Mind", "Why We Forget", "Children at Play", "Seeing Is Guessing"),
    ),
    "MUS": Subject(
        "music",
        ("Harmony", "Music History", "Sound Design", "Choral Conducting"),
        ("counterpoint", "jazz rhythm", "the string quartet", "film music", "tuning systems", "folk song"),
        (
            ("What is a chord of three notes", "triad"),
            ("What is the speed of a piece", "tempo"),
            ("Which key has no sharps or flats", "C major"),
            ("What is music for eight players", "octet"),
            ("What is singing without instruments", "a cappella"),
            ("What means getting louder", "crescendo"),
        ),
        ("Between Two Notes", "The Singing Room", "A Listener in Vienna", "Strings and Silence"),
    ),
    "CSC": Subject(
        "computer science",
        ("Algorithms", "Databases", "Computer Graphics", "Operating Systems"),
        ("sorting", "hash tables", "ray tracing", "scheduling", "recursion", "query plans"),
        (
            ("What calls itself", "recursion"),
            ("Which structure is last in first out", "stack"),
            ("Which structure is first in first out", "queue"),
            ("How many bits make a byte", "eight"),
            ("What turns source code into machine code", "compiler"),
            ("What is a fault in a program", "bug"),
        ),
        ("Thinking in Loops", "The Sorted Shelf", "Pixels and Rays", "Locks and Queues"),
    ),
    "PHI": Subject(
        "philosophy",
        ("Ethics", "Logic", "Philosophy of Mind", "Political Thought"),
        ("free will", "the social contract", "thought experiments", "scepticism", "virtue", "paradoxes"),
        (
            ("Who taught Plato", "Socrates"),
            ("Which school prized calm above all", "Stoicism"),
            ("What is the study of knowledge", "epistemology"),
            ("Who wrote Leviathan", "Hobbes"),
            ("What is an argument of two premises", "syllogism"),
            ("Which field asks what is right", "ethics"),
        ),
        ("Doubt, a Guide", "The Good Neighbour", "Minds and Machines", "Twelve Paradoxes"),
    ),
}

TASKS = ("Essay on {topic}", "Report on {topic}", "Problem set on {topic}", "Poster on {topic}", "Summary of {topic}", "Project on {topic}")
WORKS = (
    "My work on {topic} compares two sources and tests one claim.",
    "This paper argues that most textbooks neglect {topic}.",
    "I measured three cases of {topic} and found a clear pattern.",
    "Nobody agrees on {topic}, so I describe both sides.",
    "First I define {topic}. Then I give an example.",
    "The short answer on {topic} is that it depends on the scale.",
    "Here are my five findings on {topic}, each with a figure.",
)
PROSE = (
    "The committee postponed its decision. Nobody was surprised.",
    "Students read the chapter before class. They write one question each and bring it along.",
    "Rain fell all night. By morning the river had taken the lower road.",
    "Our experiment failed twice, yet the third attempt produced remarkably consistent measurements.",
    "She opened the letter, read it slowly, and put it away again.",
    "Considerable evidence suggests that regular repetition improves retention. Practice helps.",
    "The old mill stood empty. Its wheel had not turned since the war. Children played there in summer.",
    "Inflation eroded the value of savings, so households shifted their money into property.",
    "A good map leaves things out. That is why we can read it.",
    "Participants completed a questionnaire about their sleeping habits before the examination period.",
    "We walked home. The dog ran ahead. Nobody spoke until we saw the lights.",
    "Philosophers disagree about the nature of consciousness, although most accept that it needs an explanation.",
    "The orchestra tuned, the lights went down, and a single flute began.",
    "Water boils at a lower temperature on a mountain because the air presses less.",
)
NOTICES = (
    ("Room change", "We meet in another room this week."),
    ("Reading", "Please read the chapter on {topic} before we meet."),
    ("Guest lecture", "A guest will speak on {topic} next week."),
    ("Field trip", "Bring good shoes and a packed lunch."),
    ("Exam topics", "The exam covers {topic} and nothing newer."),
    ("Office hours", "My office hours are one hour later from now on."),
    ("Feedback", "Please fill in the course survey by Friday."),
    ("Slides", "The slides on {topic} are online."),
    ("Materials", "Bring pen and paper for the exercises on {topic}."),
    ("Class cancelled", "There is no class this week."),
    ("Study group", "A study group on {topic} starts on Monday."),
)
PURPOSES = (
    "Alumni evening", "Board meeting", "Book club", "Chess club", "Choir rehearsal", "Coding club", "Debate final", "Drama rehearsal",
    "Exam review", "Faculty meeting", "Film night", "First aid course", "Language cafe", "Maths clinic", "Open day talk",
    "Orientation", "Parents evening", "Poetry slam", "Robotics club", "Science fair", "Staff training", "Student council",
    "Thesis defence", "Tutoring hour", "Union meeting", "Writing workshop",
)  # fmt: skip
SCHOLARSHIPS = (
    "Bridge Grant", "Clara Weiss Award", "Coastal Bursary", "Dean Prize", "First Generation Fund", "Founders Scholarship",
    "Garden Trust Award", "Harbour Bursary", "Merit Award", "Mobility Grant", "North Fund", "Open Doors Bursary", "Science Prize",
    "Sports Bursary", "Sunrise Scholarship", "Talent Grant", "Travel Bursary", "Women in Science Award",
)  # fmt: skip
ROOMS = (
    "Archer Hall", "Bell Room", "Cavendish Lab", "Drake Theatre", "Elm Room", "Forum", "Gallery", "Hopper Lab", "Ivy Room", "Kepler Hall",
    "Library Annex", "Mendel Lab", "North Studio", "Oak Room", "Pine Room", "Quad Room", "River Room", "South Studio", "Tower Room",
)  # fmt: skip
PUBLISHERS = (
    "Aldine Press", "Bluebell Books", "Castle Street Press", "Corvid House", "Ferryman Books", "Granary Press", "Highgate Press",
    "Lantern House", "Millstone Press", "Orchard Academic", "Pelican Row", "Saltmarsh Press", "Thornfield Books", "Wayfarer Press",
)  # fmt: skip
WEIGHTS = (  # how much each part of a course counts, in percent
    {"homework": 20, "midterm": 30, "final": 50},
    {"labs": 25, "project": 25, "final": 50},
    {"essay": 40, "presentation": 20, "final": 40},
    {"quizzes": 15, "midterm": 35, "final": 50},
    {"homework": 10, "project": 40, "midterm": 20, "final": 30},
)
