"""The words that machines are made of. None holds a quotation mark, so that a query can quote any of them."""

from __future__ import annotations

FOLDERS = (
    "archive", "blog", "camera", "clients", "courses", "documents", "downloads", "drafts", "finance", "garden", "house", "letters",
    "library", "music", "notes", "orders", "photos", "podcast", "projects", "receipts", "recipes", "reports", "research", "school",
    "studio", "thesis", "travel", "website", "work", "workshop",
)  # fmt: skip
SUBFOLDERS = (
    "april", "assets", "august", "cache", "copies", "data", "exports", "final", "inbox", "january", "june", "march", "misc", "october",
    "old", "originals", "raw", "scans", "shared", "source", "spring", "summer", "tests", "tmp", "winter",
)  # fmt: skip
STEMS = (
    "accounts", "agenda", "album", "attic", "balcony", "bicycle", "bookshelf", "budget", "calendar", "camping", "castle", "choir",
    "cinema", "compost", "concert", "cottage", "dashboard", "election", "engine", "exhibition", "ferry", "festival", "forecast",
    "gallery", "garage", "glossary", "greenhouse", "harvest", "heating", "holiday", "insurance", "inventory", "journal", "kitchen",
    "landlord", "lecture", "logbook", "marathon", "market", "menu", "minutes", "museum", "newsletter", "orchard", "orchestra",
    "painting", "parking", "passport", "payroll", "playlist", "portfolio", "pottery", "printer", "quotes", "railway", "rehearsal",
    "renovation", "roster", "sailing", "schedule", "seminar", "sensor", "shopping", "solar", "speech", "survey", "telescope", "tenants",
    "timetable", "translation", "trip", "tuition", "vaccination", "vineyard", "volunteers", "warehouse", "weather", "wedding",
)  # fmt: skip
NOTES = (
    "Ask {name} about the {thing} before Friday.",
    "The {thing} costs more than {name} thought.",
    "{name} takes care of the {thing} from now on.",
    "Idea: move the {thing} to the end of {month}.",
    "TODO check the {thing} with {name}.",
    "TODO book a room for the {thing} in {month}.",
    "No news on the {thing} since {month}.",
    "{name} promised to send the {thing} in {month}.",
    "The {thing} is settled, thanks to {name}.",
    "Remind {name} of the {thing} once more.",
)
LINES = (
    "Back up this folder before {month}.",
    "Checked by {name} in {month}.",
    "Everything about the {thing} is in here.",
    "{name} has the only key to the {thing}.",
    "Please do not change this without asking {name}.",
    "The {thing} was last updated in {month}.",
    "The next meeting on the {thing} is in {month}.",
    "Waiting for an answer from {name}.",
)
THINGS = (
    "appliance", "boat shed", "budget", "bus tickets", "catalogue", "contract", "curtains", "dentist bill", "garden fence", "guest list",
    "heating bill", "loan", "menu", "new roof", "phone plan", "piano", "poster", "questionnaire", "spare key", "tax form", "tent",
    "third chapter", "title page", "washing machine",
)  # fmt: skip
SETTINGS = {
    "backlog": (16, 32, 64, 128, 256),
    "batch_size": (8, 24, 48, 96),
    "cache_mb": (64, 128, 256, 512, 1024),
    "host": ("cedar.lan", "falcon.lan", "maple.lan", "otter.lan", "raven.lan"),
    "interval": (5, 10, 15, 20, 30),
    "language": ("de", "en", "es", "fr", "it", "pt"),
    "max_users": (12, 25, 40, 75, 150),
    "port": (2222, 3306, 5432, 6379, 8080, 8443, 9090),
    "region": ("north", "south", "east", "west"),
    "retries": (2, 3, 4, 6, 7),
    "theme": ("amber", "dark", "forest", "light", "slate"),
    "timeout": (45, 60, 90, 120, 180),
    "workers": (1, 2, 4, 6, 8, 12),
}
EVENTS = (
    "could not reach {host}",
    "connection to {host} closed by the other side",
    "{host} answered after {count} seconds",
    "{count} files copied from {host}",
    "disk of {host} is {count} percent full",
    "login of {login} from {host}",
    "{login} changed {count} records on {host}",
    "certificate of {host} expires in {count} days",
    "queue on {host} holds {count} jobs",
)
LEVELS = ("INFO", "INFO", "INFO", "WARN", "WARN", "ERROR")
HOSTS = ("cedar.lan", "falcon.lan", "maple.lan", "otter.lan", "raven.lan", "10.0.0.17", "10.0.0.42", "192.168.1.9")
DATA = {  # sizes in bytes of files that are no text, by the end of their name
    "docx": (18_000, 400_000),
    "jpg": (900_000, 8_000_000),
    "mp3": (2_500_000, 9_500_000),
    "mp4": (30_000_000, 900_000_000),
    "ogg": (1_500_000, 6_000_000),
    "pdf": (80_000, 2_900_000),
    "png": (40_000, 3_500_000),
    "xlsx": (12_000, 350_000),
}
PROGRAMS = (
    "audio-mixer", "backup-agent", "browser", "calculator", "chat", "code-editor", "compiler", "database-shell", "file-manager",
    "game-launcher", "image-viewer", "indexer", "mail-client", "map-viewer", "media-player", "notebook", "pdf-reader", "photo-editor",
    "python3", "screen-recorder", "spreadsheet", "sync-client", "terminal", "torrent", "video-editor", "weather-widget",
)  # fmt: skip
HELPERS = ("extension-host", "file-watcher", "gpu-worker", "plugin-host", "preloader", "renderer")  # programs that others start
PACKAGES: dict[str, tuple[str, ...]] = {  # with the packages that each needs
    "apache2": ("libssl",),
    "borgbackup": ("libssl", "liblz4"),
    "cups": ("libusb",),
    "ffmpeg": ("libx264", "libopus"),
    "gimp": ("libpng",),
    "grafana": ("libsqlite",),
    "htop": ("libncurses",),
    "imagemagick": ("libpng", "libtiff"),
    "inkscape": ("libpng",),
    "mariadb-server": ("libssl", "libaio"),
    "mosquitto": ("libssl",),
    "nginx": ("libssl",),
    "nodejs": ("libssl", "libuv"),
    "openssh-server": ("libssl",),
    "postgresql": ("libssl", "libicu"),
    "redis": ("libjemalloc",),
    "rsync": ("liblz4",),
    "syncthing": ("libsqlite",),
    "tmux": ("libncurses",),
    "vim": ("libncurses",),
    "vlc": ("libx264", "libopus"),
}
SERVICES = {  # of the packages that bring one
    "apache2": "httpd",
    "cups": "cupsd",
    "grafana": "grafana-server",
    "mariadb-server": "mysqld",
    "mosquitto": "mqtt-broker",
    "nginx": "nginx",
    "openssh-server": "sshd",
    "postgresql": "postgres",
    "redis": "redis-server",
    "syncthing": "sync-daemon",
}
GROUPS = (
    "accounting",
    "audio",
    "backup",
    "designers",
    "developers",
    "docker",
    "editors",
    "games",
    "operators",
    "printing",
    "staff",
    "video",
)
VARIABLES = {
    "BROWSER": ("chromium", "firefox", "konqueror", "lynx"),
    "EDITOR": ("emacs", "helix", "micro", "nano", "vim"),
    "LANG": ("de_DE.UTF-8", "en_GB.UTF-8", "es_ES.UTF-8", "fr_FR.UTF-8", "pt_PT.UTF-8"),
    "PAGER": ("bat", "less", "more", "most"),
    "TZ": ("Africa/Cairo", "America/Lima", "Asia/Tokyo", "Europe/Lisbon", "Europe/Oslo"),
}
NEW_VARIABLES = (
    "API_URL",
    "BACKUP_HOST",
    "BUILD_DIR",
    "CACHE_DIR",
    "DATA_ROOT",
    "DB_NAME",
    "LOG_LEVEL",
    "PROXY_HOST",
    "REGION",
    "SITE_NAME",
)
PROGRAM_FOLDERS = ("/opt/cuda/bin", "/opt/go/bin", "/opt/julia/bin", "/opt/node/bin", "/opt/ruby/bin", "/opt/texlive/bin", "/snap/bin")
JOBS = {
    "backup": ("backup.sh --all", "backup.sh --changed"),
    "cleanup": ("clean-cache --days 30", "clean-cache --days 7"),
    "feeds": ("fetch-feeds --all", "fetch-feeds --unread"),
    "invoices": ("make-invoices --month", "make-invoices --send"),
    "mirror": ("mirror-site --full", "mirror-site --quick"),
    "photos": ("sort-photos --by-date", "sort-photos --by-place"),
    "report": ("send-report --short", "send-report --long"),
    "sensors": ("read-sensors --all", "read-sensors --roof"),
    "snapshot": ("take-snapshot --home", "take-snapshot --system"),
    "sync": ("sync-folders --both", "sync-folders --push"),
    "thumbnails": ("make-thumbnails --new", "make-thumbnails --all"),
    "updates": ("check-updates --quiet", "check-updates --install"),
}
