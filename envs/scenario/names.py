"""Names that any scenario may use. None holds a quotation mark, so that a query can quote any of them."""

from __future__ import annotations

FIRST_NAMES = (
    "Ada", "Amir", "Ana", "Anton", "Aylin", "Ben", "Bianca", "Carlos", "Chloe", "Daniel", "Deepa", "Elena", "Emeka", "Erik", "Fatima",
    "Felix", "Grace", "Hana", "Hugo", "Ines", "Ivan", "Jonas", "Julia", "Kenji", "Lara", "Leo", "Lin", "Lucia", "Marco", "Mei",
    "Nadia", "Noah", "Olga", "Omar", "Paula", "Pedro", "Priya", "Rosa", "Ruben", "Sara", "Stefan", "Tara", "Tomas", "Uma", "Viktor",
    "Wanda", "Yusuf", "Zoe",
)  # fmt: skip
LAST_NAMES = (
    "Abara", "Adler", "Almeida", "Bauer", "Becker", "Bianchi", "Campos", "Chen", "Costa", "Dahl", "Dubois", "Eriksen", "Fischer",
    "Fontaine", "Garcia", "Gupta", "Haddad", "Hansen", "Ito", "Jansen", "Kaya", "Keller", "Kim", "Kovac", "Larsen", "Lopez", "Mbeki",
    "Mehta", "Meyer", "Moreau", "Nakamura", "Novak", "Okafor", "Olsen", "Park", "Pereira", "Petrov", "Quinn", "Reyes", "Rossi",
    "Sato", "Silva", "Sorensen", "Tanaka", "Torres", "Vargas", "Weber", "Yilmaz", "Zhou",
)  # fmt: skip
COMPANIES = (
    "Acorn Media", "Alder Foods", "Beacon Labs", "Birchwood", "Brightline", "Cobalt Systems", "Copperfield", "Delta Freight",
    "Eastgate", "Fernhill", "Granite Bank", "Harborview", "Iris Health", "Juniper Works", "Kestrel Air", "Lantern Studio", "Meridian",
    "Northwind", "Oakridge", "Pinecrest", "Quarry Stone", "Riverbend", "Silverline", "Tidewater", "Umbra Design", "Vantage",
    "Willow Energy", "Zephyr",
)  # fmt: skip
CITIES = (
    "Athens", "Bergen", "Bilbao", "Boston", "Cairo", "Denver", "Dublin", "Geneva", "Kyoto", "Lagos", "Lima", "Lisbon", "Lyon",
    "Madrid", "Malmo", "Nairobi", "Oslo", "Porto", "Prague", "Quito", "Riga", "Seoul", "Turin", "Vienna",
)  # fmt: skip
