"""The words that offices are made of. None holds a quotation mark, so that a query can quote any of them."""

from __future__ import annotations

ROOMS = (
    "Amber", "Aspen", "Atlas", "Cedar", "Coral", "Dune", "Ember", "Fjord", "Garnet", "Harbor", "Indigo", "Jade", "Lagoon", "Maple",
    "Mistral", "Nova", "Onyx", "Orchid", "Prairie", "Quartz", "Sequoia", "Summit", "Topaz", "Violet",
)  # fmt: skip
TOPICS = (
    "annual report", "archive move", "audit", "badge printing", "brand refresh", "budget", "cafeteria menu", "charity run",
    "client survey", "cloud migration", "company picnic", "customer portal", "data policy", "delivery schedule", "fire drill",
    "fleet renewal", "hiring plan", "holiday rota", "insurance renewal", "intern program", "inventory count", "laptop rollout",
    "lease renewal", "loyalty program", "market study", "mobile app", "newsletter", "office move", "onboarding", "packaging",
    "parking plan", "payroll change", "phone system", "pilot project", "pricing", "product launch", "quality check", "recycling",
    "roadmap", "safety training", "sales forecast", "security update", "shop floor", "supplier contract", "tax filing",
    "team offsite", "trade fair", "training plan", "travel policy", "warehouse", "website relaunch", "workshop series",
)  # fmt: skip
MEETINGS = ("review", "kick-off", "sync", "workshop", "check-in", "planning", "demo", "briefing", "retrospective", "handover")
SUBJECTS = ("update", "questions", "next steps", "summary", "feedback", "final version", "open points", "decision", "timeline", "costs")
MESSAGES = (
    "The {topic} is on track.",
    "Please send me the numbers for the {topic}.",
    "We need one more week for the {topic}.",
    "The {topic} was approved this morning.",
    "Can we talk about the {topic} soon?",
    "I have two questions on the {topic}.",
    "Thanks for your help with the {topic}.",
    "The {topic} is on hold for now.",
    "Please review the {topic} by Friday.",
    "I will present the {topic} on Monday.",
    "Who takes care of the {topic} now?",
    "The {topic} costs less than we thought.",
    "All files for the {topic} are ready.",
    "Let us drop the {topic} this year.",
)
ANSWERS = (
    "Thank you, that works for me.",
    "I agree with all of it.",
    "Sorry, I cannot make it.",
    "Please go ahead without me.",
    "I need the figures first.",
    "Who else knows about this?",
    "That is too expensive for us.",
    "Can you send me the latest version?",
    "Yes, you may count me in.",
    "No, we decided against it.",
    "I passed it on to the team.",
    "It can wait until next month.",
    "That is good news, well done.",
    "My answer is the same as before.",
    "Fine by me, as long as the budget holds.",
    "This comes too late for us.",
)
CLOSINGS = (
    "I will call you tomorrow.",
    "Let us talk on Monday.",
    "You can reach me by phone.",
    "I am back at my desk on Thursday.",
    "Best wishes to the team.",
    "Have a good week.",
)
ERRANDS = (
    "Book a room for the {topic}",
    "Call the agency about the {topic}",
    "Check the figures of the {topic}",
    "Collect feedback on the {topic}",
    "Draft a memo on the {topic}",
    "Find a date for the {topic}",
    "Order supplies for the {topic}",
    "Pay the invoice for the {topic}",
    "Prepare slides on the {topic}",
    "Print the handouts for the {topic}",
    "Proofread the {topic} notes",
    "Sign the papers for the {topic}",
)
PAPERS = ("notes", "guide", "plan", "checklist", "memo", "brief", "proposal", "minutes")
SENTENCES = (
    "{name} from {company} is in charge of the {topic}.",
    "The {topic} starts in {month}.",
    "{company} pays for the {topic}.",
    "Questions on the {topic} go to {name}.",
    "The {topic} was moved to {month}.",
    "{name} will report on the {topic} in {month}.",
)
SHEETS = (
    "Ad spending", "Bike sales", "Book orders", "Call volume", "Coffee orders", "Courier costs", "Energy use", "Event costs",
    "Fuel costs", "Gym visits", "Hotel nights", "Orders by city", "Overtime hours", "Paper use", "Rent by site", "Repair costs",
    "Sales by city", "Shop visitors", "Sick days", "Spare parts", "Support tickets", "Training hours", "Travel costs", "Water use",
)  # fmt: skip
