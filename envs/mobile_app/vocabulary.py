"""The words that phones are filled with. None holds a quotation mark, so that a query can quote any of them."""

from __future__ import annotations

GROUPS = (
    "Allotment", "Band practice", "Board games", "Book club", "Camping crew", "Choir", "Cousins", "Dog walkers", "Film night",
    "Five-a-side", "Flat share", "Hiking crew", "Kayak club", "Neighbours", "Night shift", "Parents of 4B", "Pub quiz", "Sunday brunch",
    "Swim team", "Yoga friends",
)  # fmt: skip
THINGS = (  # what friends pay for; none is part of another
    "aquarium visit", "birthday cake", "boat trip", "bowling night", "cable car", "camping stove", "cinema evening", "concert tickets",
    "curry dinner", "escape room", "farewell gift", "firewood", "flower bouquet", "garden party", "kayak rental", "karaoke booth",
    "lake cottage", "museum passes", "paint for the hall", "petrol", "picnic basket", "pizza delivery", "sauna night", "ski passes",
    "sushi lunch", "taxi ride", "theatre seats", "train fares", "wedding present", "wine tasting",
)  # fmt: skip
PLACES = (  # what friends recommend, and where one goes; none is part of another
    "Antiques barn", "Bike workshop", "Butterfly house", "Ceramics studio", "Climbing hall", "Dance school", "Dentist", "Eye clinic",
    "Farm shop", "Fish market", "Garden centre", "Guitar teacher", "Ice rink", "Jazz cellar", "Karting track", "Noodle bar",
    "Observatory", "Physiotherapist", "Print shop", "Repair cafe", "Rooftop bar", "Swimming pool", "Tailor", "Tea house",
    "Toy library", "Vet", "Vinyl shop",
)  # fmt: skip
STREETS = (
    "Abbey Road", "Acacia Avenue", "Beech Grove", "Bridge Street", "Canal Walk", "Castle Hill", "Chapel Lane", "Elm Drive",
    "Fountain Square", "Garden Row", "Harbor Street", "High Street", "Juniper Way", "King Street", "Lime Terrace", "Market Place",
    "Mill Lane", "Orchard Road", "Park Avenue", "Quay Side", "River Bank", "Station Road", "Tower Street", "Valley Road",
    "Weaver Street", "Willow Close",
)  # fmt: skip
LOCKED = (
    "bike lock", "cellar door", "garage", "garden gate", "gym locker", "mail room", "parcel box", "rental flat", "ski box", "tool shed",
)  # fmt: skip
FOLDERS = ("Errands", "Family", "Garden", "Health", "House", "Ideas", "Kitchen", "Money", "Reading", "School", "Travel", "Work")
NOTES = (  # title, text
    ("Books to read", "The lighthouse novel, the history of salt, the poems."),
    ("Boiler", "Press the left button for five seconds to reset it."),
    ("Bread", "500 g flour, 330 g water, 10 g salt, 2 g yeast."),
    ("Curtain sizes", "Two of 140 by 220 cm, one of 90 by 160 cm."),
    ("Fern", "Water it twice a week, never in full sun."),
    ("Gift ideas", "A puzzle of 1000 pieces, warm socks, a chess set."),
    ("Knitting", "Cast on 84 stitches, then rib for 6 cm."),
    ("Moving boxes", "12 large ones and 20 small ones are in the cellar."),
    ("Packing list", "Charger, raincoat, sunglasses, passport, two towels."),
    ("Pancakes", "300 ml milk, 3 eggs, 200 g flour, some butter."),
    ("Paint colours", "Hall: sand 12, kitchen: mint 4, door: slate 7."),
    ("Recycling", "Paper goes out on Tuesdays, glass every other Friday."),
    ("Running plan", "Three short runs a week and a long one on Sundays."),
    ("Sourdough", "Feed the starter every evening at 20 degrees."),
    ("Spanish words", "Cuchara is spoon, tenedor is fork, vaso is glass."),
    ("Tent", "The blue pegs belong to the small tent."),
    ("Tyres", "Front 2.4 bar, rear 2.6 bar when the car is full."),
    ("Vaccinations", "Tetanus is due again in three years."),
)  # fmt: skip
NEW_NOTES = (  # title, text
    ("Camera settings", "ISO 200 and f8 for landscapes."),
    ("Cat food", "The brand with the green lid, no fish."),
    ("Coffee grinder", "Setting 14 for filter, 6 for espresso."),
    ("Crossword", "The long answer in row nine is marmalade."),
    ("Dream", "A whale swam through the library."),
    ("Guitar tuning", "Drop the low string to D for the third song."),
    ("Hot sauce", "Ten chillies, two carrots, one cup of vinegar."),
    ("Lamp", "It takes a small bulb of at most 40 watts."),
    ("Lost scarf", "Ask at the tram depot from Monday on."),
    ("Novel idea", "Two sisters inherit a lighthouse."),
    ("Parking spot", "Level 3, row F, next to the lift."),
    ("Printer", "Hold the reset key while the lid is open."),
    ("Seeds", "Sow the beans in May, the spinach in August."),
    ("Shoe sizes", "Children 31 and 34, adults 39 and 43."),
    ("Skate wax", "The cold one is in the red tin."),
    ("Telescope", "Saturn is up in the south after ten."),
    ("Thank-you list", "Aunt Edith, the neighbours and the postman."),
    ("Washing machine", "Clean the filter every two months."),
    ("Window cleaner", "He comes on the first Monday of the month."),
    ("Workout", "Three rounds of squats, planks and lunges."),
)  # fmt: skip
CHATTER = (
    "I am running ten minutes late.",
    "Did you see the northern lights?",
    "The dog ate my sandwich again.",
    "My phone was off all day, sorry.",
    "Who left the green umbrella here?",
    "The match starts at eight sharp.",
    "I found your keys under the sofa.",
    "We are out of oat milk.",
    "My flight was moved to the morning.",
    "That recipe was a great success.",
    "Can you water my plants next week?",
    "The heating works again.",
    "I got the job!",
    "Please bring the big cooler.",
    "The baby slept through the night.",
    "Our train is stuck in the tunnel.",
    "I will cook for six people tonight.",
    "The landlord wants to visit.",
)  # fmt: skip
REPLIES = (
    "Count me in.",
    "Give me an hour.",
    "Good luck with that!",
    "Happy to help.",
    "I am on my way.",
    "I will call you back.",
    "Let us talk on Sunday.",
    "No worries at all.",
    "See you at seven.",
    "Sounds like a plan.",
    "Thanks for telling me.",
    "That is wonderful news.",
    "The door is open.",
    "We saved you a seat.",
    "What a pity.",
    "Yes, with pleasure.",
    "You can have my ladder.",
    "Tomorrow suits me better.",
)  # fmt: skip
BILLS = (
    "The {thing} came to {amount} euros for you.",
    "You still owe me {amount} euros for the {thing}.",
    "Your share of the {thing} is {amount} euros.",
    "I paid {amount} euros for your part of the {thing}.",
)
ADDRESSES = (
    "The {place} is at {address}.",
    "You find the {place} at {address}.",
    "The {place} has moved to {address}.",
    "Go to {address}, the {place} is right there.",
)
LABELS = (
    "Airport bus", "Bin day", "Call the bank", "Dumplings", "Early shift", "Feed the cat", "Flight check-in", "Green tea", "Hair dye",
    "Laundry", "Lentil soup", "Medication", "Meditation", "Morning run", "Pasta", "Piano practice", "Pizza dough", "Power nap",
    "Rowing", "School run", "Study break", "Swim class", "Wake up", "Water the plants",
)  # fmt: skip
ALBUMS = (
    "A year outdoors", "Best of spring", "City lights", "Far from home", "First snow", "Golden hour", "Good company", "Holiday mix",
    "Long weekend", "Old town", "On the road", "Rainy days", "Rooftops", "Street food", "Summer nights", "Windows and doors",
)  # fmt: skip
POSTS = (
    "Best coffee of the week.",
    "Finally finished my first half marathon!",
    "Found the perfect bench.",
    "Looking for a good tailor, any tips?",
    "My tomatoes are taller than me.",
    "New haircut, who dis?",
    "Nothing beats a slow morning.",
    "Our choir sings on Sunday, come along!",
    "Rain again, soup again.",
    "Selling my old bike, in good shape.",
    "Sunset from the night train.",
    "The view was worth every step.",
    "This city never gets old.",
    "Three days without a phone, lovely.",
    "Today I learned to bake pretzels.",
    "What a concert last night!",
    "Who wants to swap books?",
    "Working from the balcony today.",
)  # fmt: skip
ARTISTS = (
    "Amber Tide", "Blue Harvest", "Cedar Choir", "Delta Moon", "Echo Park Trio", "Fable and Finch", "Glass Meadow", "Hollow Pines",
    "Ivory Static", "Juno Rivers", "Kite Theory", "Lunar Postmen", "Marble Arcade", "North of May", "Opal Drums", "Paper Astronauts",
    "Quiet Engines", "Rosa Lantern", "Salt Cathedral Six", "Velvet Compass",
)  # fmt: skip
SONGS = (
    "A Thousand Ferries", "After the Circus", "All My Weather", "Backwards Clock", "Borrowed Coat", "Carousel Heart", "Daylight Robbery",
    "Elevator to June", "Falling Upstairs", "Ghost of a Parade", "Half a Moon", "Island Radio", "Jigsaw Town", "Kitchen Dancing",
    "Last Tram Home", "Lemon Season", "Marzipan", "Neon Orchard", "Ocean in a Cup", "Paper Crown", "Quicksilver", "Red Umbrella",
    "Seven Bridges", "Slow Comet", "Tiger Balm", "Under the Pier", "Velvet Morning", "Wild Honey Wine", "Yesterday Express", "Zigzag",
)  # fmt: skip
PLAYLISTS = (
    "Cleaning day", "Commute", "Cooking", "Deep focus", "Dinner guests", "Drive south", "Evening calm", "Gym hits", "Morning run mix",
    "New finds", "Party time", "Rainy afternoon", "Road trip", "Sunday slow", "Throwback", "Warm up",
)  # fmt: skip
SHOWS = (
    "Brainwaves", "Common Ground", "Curious Maps", "Deep Water", "Everyday Physics", "Founders at Dawn", "Garden Talk", "Hidden Histories",
    "Kitchen Science", "Law in Plain Words", "Money Minutes", "Night Trains", "Odd Jobs", "Small Planets", "Story Hour", "The Long Run",
    "True North", "Word Nerds",
)  # fmt: skip
EPISODES = (
    "A letter from the past", "Beginnings", "Behind the curtain", "Breaking even", "Cold cases", "First principles", "From scratch",
    "Going under", "Hard choices", "In the dark", "Lost and found", "Making waves", "New rules", "On thin ice", "Open questions",
    "Paper trail", "Second chances", "Signals", "The big switch", "The quiet part", "Turning points", "Under pressure", "What remains",
    "Who decides",
)  # fmt: skip
APPS = (
    "Birdwatch", "Blinkr", "Boardly", "Chatterbox", "Chessmate", "Clipstream", "Cookbook Pro", "Dealfinder", "Flashnews", "Gem Rush",
    "Lingo Pal", "Mailbird", "Nimbus Weather", "Pixelgram", "Puzzle Farm", "Quizzy", "Reelio", "Shopwise", "Tubeline", "Wordtower",
)  # fmt: skip
