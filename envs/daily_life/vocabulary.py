"""The words that households are made of. None holds a quotation mark, so that a query can quote any of them."""

from __future__ import annotations

UNITS = {  # what each good is counted in; amounts are always in these
    **dict.fromkeys(
        ("basmati rice", "beef mince", "black beans", "butter", "chicken breast", "chickpeas", "couscous", "feta", "flour", "mozzarella",
         "mushrooms", "oats", "parmesan", "pasta", "potatoes", "red lentils", "salmon", "spinach", "sugar", "tofu", "walnuts"), "g",
    ),
    **dict.fromkeys(("coconut milk", "cream", "milk", "olive oil", "soy sauce", "vegetable stock"), "ml"),
    **dict.fromkeys(
        ("aubergines", "avocados", "bananas", "bell peppers", "carrots", "courgettes", "eggs", "garlic cloves", "lemons", "limes",
         "onions", "tomatoes", "tortillas"), "pieces",
    ),
}  # fmt: skip
HOUSEHOLD_GOODS = ("batteries", "bin bags", "candles", "light bulbs", "paper napkins", "sponges", "toothbrushes")
UNITS_OF_GOODS = {**UNITS, **dict.fromkeys(HOUSEHOLD_GOODS, "pieces")}
PRICES = {  # euros for 100 g, 100 ml or a piece
    "basmati rice": 0.32, "beef mince": 1.1, "black beans": 0.45, "butter": 1.05, "chicken breast": 1.2, "chickpeas": 0.4,
    "couscous": 0.35, "feta": 1.15, "flour": 0.12, "mozzarella": 0.95, "mushrooms": 0.8, "oats": 0.2, "parmesan": 2.2, "pasta": 0.25,
    "potatoes": 0.18, "red lentils": 0.5, "salmon": 2.6, "spinach": 0.7, "sugar": 0.15, "tofu": 0.9, "walnuts": 1.8, "coconut milk": 0.55,
    "cream": 0.6, "milk": 0.13, "olive oil": 1.1, "soy sauce": 1.3, "vegetable stock": 0.2, "aubergines": 1.3, "avocados": 1.4,
    "bananas": 0.3, "bell peppers": 0.9, "carrots": 0.2, "courgettes": 0.8, "eggs": 0.35, "garlic cloves": 0.1, "lemons": 0.5,
    "limes": 0.45, "onions": 0.25, "tomatoes": 0.4, "tortillas": 0.3, "batteries": 0.9, "bin bags": 0.15, "candles": 0.7,
    "light bulbs": 3.2, "paper napkins": 0.05, "sponges": 0.6, "toothbrushes": 2.4,
}  # fmt: skip
DISHES: tuple[tuple[str, str, int, dict[str, float]], ...] = (  # name, diet, minutes, ingredients of two servings
    ("Aubergine bake", "vegetarian", 65, {"aubergines": 2, "mozzarella": 150, "tomatoes": 4, "olive oil": 30}),
    ("Avocado toast tacos", "vegan", 15, {"avocados": 2, "tortillas": 4, "limes": 1, "tomatoes": 2}),
    ("Banana pancakes", "vegetarian", 20, {"bananas": 2, "eggs": 2, "flour": 120, "milk": 150}),
    ("Beef ragu", "meat", 75, {"beef mince": 300, "pasta": 200, "onions": 1, "carrots": 2, "tomatoes": 4}),
    ("Black bean chili", "vegan", 45, {"black beans": 250, "bell peppers": 2, "onions": 1, "tomatoes": 3}),
    ("Butter chicken", "meat", 50, {"chicken breast": 350, "cream": 100, "butter": 30, "basmati rice": 160, "onions": 1}),
    ("Carrot soup", "vegan", 30, {"carrots": 6, "onions": 1, "vegetable stock": 500, "coconut milk": 100}),
    ("Cheese omelette", "vegetarian", 15, {"eggs": 5, "parmesan": 40, "butter": 15}),
    ("Chicken fried rice", "meat", 25, {"chicken breast": 250, "basmati rice": 180, "eggs": 2, "soy sauce": 30, "carrots": 1}),
    ("Chickpea curry", "vegan", 35, {"chickpeas": 240, "coconut milk": 250, "onions": 1, "spinach": 150, "basmati rice": 160}),
    ("Couscous salad", "vegan", 20, {"couscous": 150, "bell peppers": 1, "tomatoes": 2, "lemons": 1, "olive oil": 30}),
    ("Courgette frittata", "vegetarian", 30, {"courgettes": 2, "eggs": 4, "feta": 80, "olive oil": 15}),
    ("Creamy mushroom pasta", "vegetarian", 25, {"mushrooms": 250, "pasta": 200, "cream": 120, "garlic cloves": 2}),
    ("Lemon salmon", "fish", 30, {"salmon": 300, "lemons": 1, "potatoes": 400, "butter": 20}),
    ("Lentil soup", "vegan", 40, {"red lentils": 160, "carrots": 2, "onions": 1, "vegetable stock": 600}),
    ("Mushroom risotto", "vegetarian", 45, {"basmati rice": 180, "mushrooms": 200, "vegetable stock": 500, "parmesan": 50}),
    ("Oat cookies", "vegetarian", 35, {"oats": 150, "butter": 80, "sugar": 60, "eggs": 1}),
    ("Potato gratin", "vegetarian", 70, {"potatoes": 600, "cream": 200, "milk": 100, "garlic cloves": 2}),
    ("Roast chicken traybake", "meat", 55, {"chicken breast": 350, "potatoes": 400, "carrots": 3, "olive oil": 25}),
    ("Salmon rice bowl", "fish", 25, {"salmon": 250, "basmati rice": 160, "avocados": 1, "soy sauce": 20}),
    ("Shakshuka", "vegetarian", 30, {"eggs": 4, "tomatoes": 5, "bell peppers": 1, "onions": 1, "feta": 60}),
    ("Spaghetti with garlic", "vegan", 20, {"pasta": 220, "garlic cloves": 4, "olive oil": 40}),
    ("Spinach lasagne", "vegetarian", 80, {"spinach": 300, "pasta": 180, "mozzarella": 150, "milk": 300, "flour": 40}),
    ("Stuffed peppers", "meat", 60, {"bell peppers": 4, "beef mince": 250, "basmati rice": 100, "tomatoes": 2}),
    ("Tofu stir-fry", "vegan", 25, {"tofu": 250, "bell peppers": 1, "carrots": 2, "soy sauce": 40, "basmati rice": 160}),
    ("Walnut pesto pasta", "vegetarian", 20, {"walnuts": 60, "pasta": 220, "parmesan": 40, "olive oil": 50}),
)
SHOPS = (
    "City Pantry", "Corner Basket", "Fair Price", "Greenleaf Market", "Harvest Hall", "Mill Road Stores", "Northside Grocer",
    "Old Town Market", "Round the Clock", "Sunny Side Foods", "The Larder", "Village Stores",
)  # fmt: skip
MENUS: dict[str, tuple[tuple[str, ...], dict[str, float]]] = {  # by cuisine: names of restaurants, and dishes with prices in euros
    "Greek": (
        ("Blue Aegean", "Olive Grove", "Taverna Nikos"),
        {"Moussaka": 13.5, "Greek salad": 8.5, "Souvlaki plate": 12, "Spanakopita": 7.5, "Grilled octopus": 16, "Baklava": 5.5},
    ),
    "Indian": (
        ("Bombay Lane", "Saffron Court", "The Tiffin Room"),
        {"Palak paneer": 11.5, "Lamb vindaloo": 14, "Garlic naan": 3.5, "Vegetable biryani": 11, "Mango lassi": 4.5, "Onion bhaji": 5},
    ),
    "Italian": (
        ("Bella Strada", "La Lanterna", "Osteria Verdi"),
        {"Pizza Margherita": 9.5, "Pizza Diavola": 11.5, "Gnocchi al pesto": 12.5, "Tiramisu": 6, "Minestrone": 7, "Bruschetta": 5.5},
    ),
    "Japanese": (
        ("Kaze", "Little Kyoto", "Sakura House"),
        {"Salmon nigiri": 9, "Chicken katsu": 13, "Miso soup": 3.5, "Vegetable ramen": 12, "Edamame": 4.5, "Prawn tempura": 11.5},
    ),
    "Lebanese": (
        ("Beirut Garden", "Cedar Table", "Zaatar"),
        {"Falafel wrap": 7.5, "Mixed mezze": 15, "Chicken shawarma": 9, "Hummus": 5, "Tabbouleh": 6, "Lamb kofta": 12.5},
    ),
    "Mexican": (
        ("Casa Luna", "El Camino", "Verde Taqueria"),
        {"Fish tacos": 10.5, "Bean burrito": 9, "Beef enchiladas": 12, "Guacamole": 5.5, "Churros": 5, "Chicken quesadilla": 9.5},
    ),
    "Spanish": (
        ("Bodega Sol", "La Paloma", "Rincon"),
        {"Seafood paella": 17, "Patatas bravas": 5.5, "Tortilla espanola": 6.5, "Croquetas": 6, "Padron peppers": 5, "Gazpacho": 5.5},
    ),
    "Thai": (
        ("Bangkok Corner", "Lotus Kitchen", "Siam Garden"),
        {"Pad Thai": 11.5, "Green curry": 12, "Spring rolls": 5, "Papaya salad": 7.5, "Massaman curry": 13, "Mango sticky rice": 6},
    ),
}
CURRENCY_OF_TOWN = {
    "Bergen": "NOK", "Bilbao": "EUR", "Budapest": "HUF", "Copenhagen": "DKK", "Dublin": "EUR", "Geneva": "CHF", "Glasgow": "GBP",
    "Krakow": "PLN", "Leeds": "GBP", "Lisbon": "EUR", "London": "GBP", "Lyon": "EUR", "Madrid": "EUR", "Malmo": "SEK", "Oslo": "NOK",
    "Porto": "EUR", "Prague": "CZK", "Riga": "EUR", "Stockholm": "SEK", "Turin": "EUR", "Vienna": "EUR", "Warsaw": "PLN", "Zurich": "CHF",
}  # fmt: skip
CURRENCIES = {  # units for one euro, about; a world has rates of its own
    "CHF": 0.95, "CZK": 24.8, "DKK": 7.46, "EUR": 1.0, "GBP": 0.86, "HUF": 396.0, "JPY": 164.0, "NOK": 11.7, "PLN": 4.28, "SEK": 11.3,
    "USD": 1.09,
}  # fmt: skip
CURRENCY_NAMES = {
    "CHF": "Swiss francs", "CZK": "Czech koruna", "DKK": "Danish kroner", "EUR": "euros", "GBP": "British pounds", "HUF": "forints",
    "JPY": "yen", "NOK": "Norwegian kroner", "PLN": "zloty", "SEK": "Swedish kronor", "USD": "US dollars",
}  # fmt: skip
HOME_CURRENCIES = ("CHF", "EUR", "GBP")  # of the towns that a household lives in, so that its prices are near those in euros
HOTELS = (
    "Anchor Inn", "Bellevue", "Bridge Hotel", "Castle View", "City Lodge", "Garden Court", "Grand Central", "Hotel Aurora", "Hotel Mercado",
    "Kings Arms", "Lakeside", "Linden House", "Old Post", "Park Residence", "Riverside", "Royal Crescent", "Station Hotel", "Villa Rosa",
)  # fmt: skip
WEATHER = {  # conditions with the least and the greatest chance of rain, in percent
    "sunny": (0, 10), "cloudy": (10, 35), "foggy": (5, 25), "windy": (10, 40), "drizzle": (45, 70), "rainy": (60, 95), "stormy": (70, 100),
}  # fmt: skip
BUDGETS = ("clothes", "eating out", "gifts", "groceries", "travel", "transport")  # besides those that bills count towards
BILLS = {  # what a bill is for, and the budget that it counts towards
    "electricity": "household", "water": "household", "internet": "household", "heating": "household", "mobile phone": "household",
    "gym": "leisure", "streaming": "leisure", "music school": "leisure", "health insurance": "health", "dental work": "health",
}  # fmt: skip
REFERENCES = (
    "Birthday present", "Bus tickets", "Cinema on Friday", "Concert tickets", "Cooking class", "Flowers for Mum", "Football fees",
    "Holiday flat", "Kitchen table", "Lunch on Sunday", "Museum passes", "Old bicycle", "Petrol money", "Piano lessons", "Rent share",
    "School trip", "Ski weekend", "Wedding gift",
)  # fmt: skip
MEDICATIONS = (
    "amoxicillin", "cetirizine", "folic acid", "ibuprofen", "iron", "loratadine", "magnesium", "metformin", "omeprazole", "paracetamol",
    "vitamin C", "vitamin D",
)  # fmt: skip
REASONS = {  # for a visit, by specialty
    "dentist": ("Broken filling", "Routine check", "Sensitive tooth", "Teeth cleaning", "Wisdom tooth"),
    "dermatologist": ("Dry skin", "Itchy rash", "Mole check", "Sun damage"),
    "doctor": ("Blood test", "Flu jab", "Headaches", "Sick note", "Sore throat", "Yearly check-up"),
    "optician": ("Blurred vision", "Contact lenses", "Eye test", "New glasses"),
    "physiotherapist": ("Back pain", "Knee exercises", "Neck tension", "Shoulder injury"),
}  # fmt: skip
CARRIERS = ("Blue Van", "Fastlane", "Parcelhawk", "Postway", "Redbox", "Swiftship")
CHORES = (
    "Bleed the radiators", "Bring back the library books", "Call grandma", "Change the bed sheets", "Clean the fridge",
    "Collect the dry cleaning", "Defrost the freezer", "Descale the kettle", "Empty the dishwasher", "Feed the cat next door",
    "Fix the bicycle lamp", "Let the plumber in", "Mend the fence", "Oil the garden gate", "Pack the gym bag", "Pick up the cake",
    "Put the bins out", "Renew the bus pass", "Sharpen the knives", "Sweep the balcony", "Swap the winter tyres",
    "Take back the drill", "Turn the compost", "Walk the dog", "Wash the car", "Water the plants", "Wind the clock",
)  # fmt: skip
