"""The words that houses are made of. None holds a quotation mark, so that a query can quote any of them."""

from __future__ import annotations

ROOMS = (
    "Attic", "Bathroom", "Bedroom", "Conservatory", "Dining room", "Gallery", "Guest room", "Gym", "Hallway", "Kitchen", "Laundry room",
    "Library", "Living room", "Loft", "Music room", "Nursery", "Office", "Playroom", "Sewing room", "Studio", "Study", "Workshop",
)  # fmt: skip
FIXTURES = (
    "ceiling light", "cove light", "desk lamp", "floor lamp", "light strip", "pendant", "reading lamp", "spotlight", "table lamp",
    "uplighter", "wall lamp",
)  # fmt: skip
GROUPS = (
    "Cosy corners", "Downstairs", "Evening lights", "Garden side", "Mood lights", "Night lights", "North wing", "Party lights",
    "Reading lights", "South wing", "Street side", "Upstairs",
)  # fmt: skip
SCENES = (
    "Baby sleeps", "Bedtime", "Breakfast", "Brunch", "Candlelight", "Cinema", "Cleaning day", "Deep focus", "Dinner party", "Game night",
    "Good morning", "Homework", "Late shift", "Nobody home", "Piano hour", "Rainy day", "Romantic", "Siesta", "Sunday lazy", "Sunrise",
    "Tea time", "Thunderstorm", "Wind down", "Yoga",
)  # fmt: skip
DOORS = (
    "Back door", "Balcony door", "Basement door", "Bike shed", "Front door", "Garage door", "Garden gate", "Patio door", "Roof hatch",
    "Side door", "Storeroom", "Terrace door",
)  # fmt: skip
CAMERAS = (
    "Alley camera", "Backyard camera", "Courtyard camera", "Doorbell camera", "Driveway camera", "Garage camera", "Garden camera",
    "Gate camera", "Pool camera", "Porch camera", "Street camera", "Terrace camera",
)  # fmt: skip
# What a sensor measures, its unit, a middle value, how far it swings in a day, how much it scatters.
SENSORS = (
    ("Air pressure", "hPa", 1013, 3, 2), ("Boiler pressure", "bar", 1.9, 0.2, 0.1), ("Cellar humidity", "%", 61, 5, 3),
    ("CO2", "ppm", 780, 260, 70), ("Fine dust", "ug/m3", 18, 5, 2), ("Freezer temperature", "°C", -18, 1.2, 0.6),
    ("Fridge temperature", "°C", 5, 1.1, 0.5), ("Greenhouse humidity", "%", 72, 9, 4), ("Noise", "dB", 46, 11, 4),
    ("Outdoor temperature", "°C", 9, 5, 1.5), ("Pollen", "grains/m3", 60, 15, 8), ("Pond temperature", "°C", 13, 2, 0.6),
    ("Pool temperature", "°C", 24, 2, 0.6), ("Rain barrel level", "%", 55, 6, 4), ("Soil moisture", "%", 38, 6, 2),
    ("Water pressure", "bar", 3.6, 0.4, 0.2), ("Wind speed", "km/h", 26, 7, 3),
)  # fmt: skip
# What a meter counts, its kWh in a middle hour, how far that swings in a day.
METERS = (
    ("Aquarium", 0.12, 0.04), ("Chest freezer", 0.11, 0.02), ("Dehumidifier", 0.3, 0.1), ("Dishwasher", 0.16, 0.12), ("Dryer", 0.3, 0.25),
    ("EV charger", 1.4, 1.1), ("Fridge", 0.08, 0.02), ("Heat pump", 0.9, 0.5), ("Home office", 0.25, 0.2), ("Kitchen circuit", 0.45, 0.35),
    ("Pool pump", 0.5, 0.3), ("Sauna", 0.7, 0.6), ("Server rack", 0.35, 0.05), ("Water heater", 0.6, 0.4), ("Workshop tools", 0.3, 0.25),
)  # fmt: skip
TARIFFS = (
    "Basic", "Bright Saver", "City Power", "Classic", "Day and Night", "Eco Plus", "Family Power", "Flex Home", "Fair Watt", "Green Flex",
    "Moonlight", "Off-Peak 10", "Owl", "River Power", "Sunny Choice", "Wind Direct",
)  # fmt: skip
CODE_HOLDERS = (
    "Babysitter", "Caretaker", "Chimney sweep", "Cleaner", "Courier", "Dog walker", "Electrician", "Gardener", "Grandma", "Grandpa",
    "House sitter", "Neighbour", "Painter", "Piano tuner", "Plumber", "Window cleaner",
)  # fmt: skip
RULES = (
    "Absence check", "After hours", "Arrival", "Bright path", "Calm evening", "Damp alarm", "Dusk", "Early bird", "Fresh air", "Goodnight",
    "Guard", "Heat shield", "Last one out", "Light on steps", "Lock up", "Morning call", "Night watch", "Quiet time", "Safe porch",
    "Storm shutters", "Sun shade", "Welcome",
)  # fmt: skip
CLIP_LABELS = (
    "broken pot", "burglary attempt", "courier", "delivery proof", "first snow", "for the insurance", "fox visit", "funny cat",
    "late guest", "lost parcel", "missing bike", "neighbour dog", "open gate", "strange van", "the hedgehog", "unknown visitor",
)  # fmt: skip
