"""The words that projects are made of. None that a query quotes holds a quotation mark."""

from __future__ import annotations

PACKAGES = (
    "anchor", "basalt", "beacon", "brisk", "cargo", "clover", "compass", "copper", "courier", "delta", "ember", "ferry", "flint",
    "granary", "harbour", "kettle", "lantern", "ledger", "lighthouse", "linden", "marble", "meadow", "nimbus", "orchard", "pebble",
    "pilot", "quarry", "rudder", "saddle", "signal", "sparrow", "summit", "tandem", "thistle", "turbine", "willow",
)  # fmt: skip
NOUNS = (  # what a module is about, one and many
    ("account", "accounts"), ("address", "addresses"), ("booking", "bookings"), ("contract", "contracts"), ("customer", "customers"),
    ("device", "devices"), ("event", "events"), ("image", "images"), ("invoice", "invoices"), ("job", "jobs"), ("label", "labels"),
    ("meeting", "meetings"), ("member", "members"), ("message", "messages"), ("order", "orders"), ("parcel", "parcels"),
    ("payment", "payments"), ("photo", "photos"), ("product", "products"), ("quote", "quotes"), ("refund", "refunds"),
    ("report", "reports"), ("route", "routes"), ("sensor", "sensors"), ("session", "sessions"), ("shipment", "shipments"),
    ("supplier", "suppliers"), ("survey", "surveys"), ("tariff", "tariffs"), ("ticket", "tickets"), ("upload", "uploads"),
    ("voucher", "vouchers"),
)  # fmt: skip
CONSTANTS = (
    "BACKOFF_SECONDS", "BATCH_SIZE", "BUFFER_LINES", "CACHE_MINUTES", "CHUNK_SIZE", "COOLDOWN_SECONDS", "DAILY_QUOTA", "EXPIRY_DAYS",
    "FLUSH_INTERVAL", "GRACE_DAYS", "HISTORY_DAYS", "IDLE_MINUTES", "LOCK_SECONDS", "MAX_ATTEMPTS", "MAX_DEPTH", "MAX_ITEMS",
    "MAX_RETRIES", "MAX_UPLOADS", "MAX_WORKERS", "MIN_LENGTH", "PAGE_SIZE", "POLL_SECONDS", "POOL_SIZE", "QUEUE_LENGTH", "RATE_LIMIT",
    "REMINDER_DAYS", "RETENTION_DAYS", "SAMPLE_RATE", "TIMEOUT_SECONDS", "WARMUP_ROUNDS", "WINDOW_HOURS", "WORKER_COUNT",
)  # fmt: skip
VALUES = (2, 3, 4, 5, 6, 8, 10, 12, 15, 16, 20, 24, 25, 30, 36, 40, 45, 48, 50, 60, 64, 72, 75, 80, 90, 100, 120, 150, 200, 250)
IMPORTS = ("collections", "functools", "itertools", "json", "logging", "math", "operator", "pathlib", "re", "statistics", "time")
NOTES = (  # what a comment says that asks for work
    "cache the result", "cover this by a test", "drop this after the migration", "handle time zones", "log the rejected lines",
    "make the order stable", "merge with the importer", "move this to a helper", "raise a clearer error", "stream instead of loading",
    "support empty input", "this is slow for long lists",
)  # fmt: skip
FUNCTIONS = (  # NOUN, NOUNS: what the module is about; ONE_LIMIT, OTHER_LIMIT: two of its constants
    '''
def load_NOUNS(path, limit=ONE_LIMIT):
    """Read the NOUNS of a file, one a line."""
    found = []
    with open(path) as lines:
        for line in lines:
            if line.startswith("#"):
                continue
            if len(found) == limit:
                break
            found.append(line.rstrip())
    return found
''',
    '''
def save_NOUNS(path, NOUNS):
    """Write the NOUNS to a file, one a line."""
    with open(path, "w") as out:
        for NOUN in NOUNS:
            out.write(str(NOUN) + "\\n")
    return len(NOUNS)
''',
    '''
def find_NOUN(NOUNS, number):
    """The NOUN with the number, or nothing."""
    for NOUN in NOUNS:
        if NOUN["number"] == number:
            return NOUN
    return None
''',
    '''
def count_NOUNS(NOUNS, state=None):
    """How many NOUNS are in a state."""
    if state is None:
        return len(NOUNS)
    return sum(1 for NOUN in NOUNS if NOUN["state"] == state)
''',
    '''
def validate_NOUN(NOUN, strict=False):
    """What is wrong with the NOUN, in words."""
    problems = []
    if not NOUN.get("name"):
        problems.append("no name")
    if NOUN.get("amount", 0) < 0:
        problems.append("a negative amount")
    if strict and NOUN.get("amount", 0) > ONE_LIMIT:
        problems.append("too much")
    elif strict and not NOUN.get("owner"):
        problems.append("no owner")
    return problems
''',
    '''
def group_NOUNS(NOUNS, key):
    """The NOUNS by one of their fields."""
    groups = {}
    for NOUN in NOUNS:
        groups.setdefault(NOUN[key], []).append(NOUN)
    return groups
''',
    '''
def rank_NOUNS(NOUNS, top=OTHER_LIMIT, reverse=True):
    """The largest NOUNS first."""
    ranked = sorted(NOUNS, key=lambda NOUN: NOUN["amount"], reverse=reverse)
    return ranked[:top]
''',
    '''
def merge_NOUNS(old, new, keep_old, log):
    """Both lists of NOUNS, each number once."""
    merged = {NOUN["number"]: NOUN for NOUN in old}
    for NOUN in new:
        if NOUN["number"] in merged:
            if keep_old:
                log.append("kept " + NOUN["number"])
                continue
            log.append("replaced " + NOUN["number"])
        merged[NOUN["number"]] = NOUN
    return list(merged.values())
''',
    '''
def split_NOUNS(NOUNS, size=ONE_LIMIT):
    """The NOUNS in batches."""
    batches = []
    while NOUNS:
        batches.append(NOUNS[:size])
        NOUNS = NOUNS[size:]
    return batches
''',
    '''
def retry_NOUN(NOUN, send, attempts=OTHER_LIMIT):
    """Send a NOUN until it is taken."""
    for attempt in range(attempts):
        try:
            return send(NOUN)
        except TimeoutError:
            if attempt == attempts - 1:
                raise
        except ConnectionError:
            return None
    return None
''',
    '''
def describe_NOUN(NOUN):
    """The NOUN in one line."""
    # The name may be long.
    name = NOUN["name"].strip().title()
    return name + ": " + str(NOUN["amount"])
''',
    '''
def total_NOUNS(NOUNS, rate, rounding=2):
    """What all the NOUNS come to."""
    total = 0
    for NOUN in NOUNS:
        if NOUN["state"] == "void":
            continue
        total += NOUN["amount"] * rate
    return round(total, rounding)
''',
    '''
def clean_NOUNS(NOUNS, today, days=ONE_LIMIT):
    """The NOUNS that are not out of date."""
    kept = []
    for NOUN in NOUNS:
        if NOUN["state"] == "open":
            if NOUN["due"] < today:
                if today - NOUN["due"] > days:
                    continue
            kept.append(NOUN)
    return kept
''',
    '''
def notify_NOUN(NOUN, channels, quiet=False):
    """Tell every channel of the NOUN."""
    if quiet:
        return 0
    told = 0
    for channel in channels:
        if channel.accepts(NOUN):
            channel.send(describe(NOUN))
            told += 1
    return told
''',
)
ADDITIONS = (  # what a branch adds to the end of a module
    '''
def export_NOUNS(NOUNS, fields):
    """The NOUNS as rows of some fields."""
    return [[NOUN.get(field) for field in fields] for NOUN in NOUNS]
''',
    '''
def first_NOUN(NOUNS):
    """The NOUN with the lowest number."""
    if not NOUNS:
        return None
    return min(NOUNS, key=lambda NOUN: NOUN["number"])
''',
    '''
def archive_NOUNS(NOUNS):
    """Mark closed NOUNS as archived."""
    for NOUN in NOUNS:
        if NOUN["state"] == "closed":
            NOUN["state"] = "archived"
''',
    '''
def copy_NOUN(NOUN, **changes):
    """A copy of the NOUN with some changes."""
    return {**NOUN, **changes}
''',
)
GUIDE = (
    "Copy config.example to config before the first start.", "Install the package with its extras.",
    "Logs go to the folder logs, one file a day.", "Run the migrations before every update.", "The service listens on port 8080.",
    "The staging database is rebuilt every night.", "Ask the team lead for a token.", "Backups are kept for two weeks.",
    "Every change needs a review.", "The worker restarts by itself.", "Use the test account for manual checks.",
    "Warnings are errors in the build.", "Secrets never go into the repository.", "The cache may be emptied at any time.",
)  # fmt: skip
KINDS = ("feature", "fix", "chore")
SLUGS = (
    "async-import", "audit-trail", "batch-export", "better-logs", "bulk-edit", "cache-headers", "clean-config", "csv-dialects",
    "dark-mode", "date-filter", "dead-code", "drop-legacy-api", "empty-lists", "faster-search", "flaky-upload", "health-check",
    "idle-timeout", "keyboard-shortcuts", "limit-retries", "lock-order", "memory-use", "metrics-page", "nightly-sync", "offline-mode",
    "page-sizes", "pool-limits", "queue-backlog", "rate-limits", "reminder-mails", "saved-views", "session-expiry", "shared-links",
    "slow-startup", "soft-delete", "stale-cache", "time-zones", "token-refresh", "typed-config", "undo-button", "worker-crash",
)  # fmt: skip
PULL_REQUEST_TITLES = (
    "Bound the {noun} queue", "Cut the start-up time of {nouns}", "Keep {noun} retries short", "Let {nouns} expire sooner",
    "Limits for large {nouns}", "Make {noun} batches smaller", "New defaults for {nouns}", "Sane limits for {noun} imports",
    "Shorter waits for {nouns}", "Stop {nouns} from piling up", "Tune the {noun} worker", "Wait longer for slow {nouns}",
)  # fmt: skip
COMMIT_MESSAGES = ("Set {name} to {value}", "Tune {name}", "Use {value} for {name}", "{name} is {value} now", "Change {name} to {value}")
ISSUE_TITLES = (
    "Allow bulk delete of {nouns}", "Crash on empty {noun} list", "Document the {noun} settings", "Duplicate {nouns} after restart",
    "Filter {nouns} by date", "Log rejected {nouns}", "Memory grows while importing {nouns}", "Missing field in {noun} export",
    "Old {nouns} are never removed", "Rename the {noun} fields", "Retry failed {noun} imports", "Search for {nouns} is slow",
    "Show the owner of {nouns}", "Sort {nouns} by name", "Time zone is off in {noun} dates", "Wrong total in {noun} report",
    "{nouns} page times out", "{noun} names are cut off",
)  # fmt: skip
BODIES = (
    "Seen on staging since the last release.", "A customer asked for it twice.", "It happens about once a day.",
    "Steps are in the wiki.", "Reproduced with the newest build.", "Blocks the demo next week.", "Nobody is sure since when.",
)  # fmt: skip
LABELS = ("backend", "bug", "documentation", "feature", "performance", "security")
PRAISE = ("I tried it on staging.", "Looks good to me.", "Nice and small.", "Much simpler than before.", "Works on my machine too.")
COMPLAINTS = (
    "Could be simpler.", "Please add a test first.", "Please split this into two parts.", "The limit seems too low.",
    "The name is misleading.", "The title says nothing about the reason.", "This contradicts the contract.",
    "This needs a note in the guide.", "Why not reuse the helper?", "Will old clients cope with this?",
)  # fmt: skip
REMARKS = (
    "I will look at it tomorrow.", "Let us talk about this in the stand-up.", "Please wait for the demo.", "Should this go to the guide?",
    "The numbers on staging look fine so far.", "Who has measured this?",
)  # fmt: skip
REASONS = ("breaks the nightly job", "it was too early", "customers complained", "made staging slow", "needs more tests", "wrong branch")
PAPERS = ("deploying", "debugging", "hotfixes", "migrations", "monitoring", "onboarding", "releases", "rollback", "style", "testing")
LAST_WORDS = (
    "Fixed by the new limits.", "Not seen for a month.", "Solved on staging.", "The customer is happy with it.",
    "Shipped with the last release.", "We will not need this any more.", "Moved to the backlog of next year.", "See the older issue.",
)  # fmt: skip
RELEASE_NOTES = (
    "Faster start of the workers", "Fewer retries on slow networks", "Fixes the nightly export", "Clearer error messages",
    "Support for larger uploads", "New filter on the start page", "Drops the old login", "Safer handling of tokens",
    "Better defaults for batches", "Reminders can be switched off", "Reports load twice as fast", "Dates follow the time zone",
)  # fmt: skip
DEPENDENCIES = (
    "asyncpool", "blueprint", "cachetree", "cronline", "datagrid", "dotsettings", "emailkit", "fastroute", "formwright", "graphbase",
    "httplane", "imagecraft", "jsonforge", "keyvault", "loglight", "mapreader", "numlite", "ormlet", "pathwise", "queuebird",
    "ratelock", "schemata", "sqlbridge", "taskloom", "templar", "tokenring", "uploadkit", "validox", "webrelay", "yamlite",
)  # fmt: skip
PLANS = ("free", "basic", "pro", "team")
STATUSES = ("open", "paid", "shipped", "returned")
SEVERITIES = ("low", "medium", "high")
PRODUCTS = (
    "adapter",
    "backpack",
    "cable",
    "charger",
    "desk lamp",
    "headset",
    "keyboard",
    "monitor",
    "mouse",
    "notebook",
    "speaker",
    "tripod",
)
TOPICS = ("billing", "delivery", "login", "refund", "setup", "warranty")
DEVICES = ("laptop", "phone", "tablet", "desktop")
