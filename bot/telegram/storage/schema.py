"""The bot's tables: as each version of an SQLite file made them, and as PostgreSQL has them."""

from __future__ import annotations

from retrieval.databases.database import Schema


def _statements(text: str) -> tuple[str, ...]:
    """Return the statements of a text, each of which ends a line with a semicolon."""
    return tuple(filter(None, (statement.strip() for statement in text.split(";\n"))))


_FIRST = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS updates (
    id INTEGER PRIMARY KEY,
    received REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    outcome TEXT,  -- NULL until the update has had its effect
    user_id INTEGER,
    raw TEXT NOT NULL  -- emptied then
);
CREATE INDEX IF NOT EXISTS updates_open ON updates (id) WHERE outcome IS NULL;
CREATE TABLE IF NOT EXISTS outbox (
    update_id INTEGER NOT NULL REFERENCES updates (id),
    ordinal INTEGER NOT NULL,
    message TEXT NOT NULL,
    state TEXT NOT NULL,
    message_id INTEGER,
    floor INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (update_id, ordinal)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS message_ids (
    counter INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    PRIMARY KEY (counter, message_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS moved_chats (old INTEGER PRIMARY KEY, new INTEGER NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS turns (
    id INTEGER PRIMARY KEY,
    chat_id INTEGER NOT NULL,
    thread_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    cited TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS turns_by_conversation ON turns (chat_id, thread_id, user_id, id);
CREATE TABLE IF NOT EXISTS answers (
    id INTEGER PRIMARY KEY,
    update_id INTEGER NOT NULL UNIQUE,
    chat_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    question_message INTEGER NOT NULL,
    messages TEXT NOT NULL,
    answer TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS answers_by_question ON answers (chat_id, question_message);
CREATE TABLE IF NOT EXISTS presses (key TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS feedback (
    answer_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    author_id INTEGER NOT NULL,
    at TEXT NOT NULL,
    verdict TEXT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (answer_id, user_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS asked (
    user_id INTEGER NOT NULL,
    day TEXT NOT NULL,
    update_id INTEGER NOT NULL,
    PRIMARY KEY (user_id, day, update_id)
) WITHOUT ROWID;
"""

_NOW = "CAST(strftime('%s', 'now') AS REAL)"
_DATED = f"""
ALTER TABLE turns ADD COLUMN at REAL NOT NULL DEFAULT 0;
UPDATE turns SET at = {_NOW};
DROP TABLE IF EXISTS seen_messages;
CREATE TABLE dated_answers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- a button must not come to mean a later answer
    update_id INTEGER NOT NULL UNIQUE,
    at REAL NOT NULL,
    chat_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    question_message INTEGER NOT NULL,
    messages TEXT NOT NULL,
    answer TEXT NOT NULL
);
INSERT INTO dated_answers
    SELECT id, update_id, {_NOW}, chat_id, user_id, question_message, messages, answer FROM answers;
DROP TABLE answers;
ALTER TABLE dated_answers RENAME TO answers;
CREATE INDEX answers_by_question ON answers (chat_id, question_message);
ALTER TABLE updates DROP COLUMN user_id;
"""

_MEASURED = """
ALTER TABLE updates ADD COLUMN ms INTEGER;
ALTER TABLE updates ADD COLUMN cost_usd REAL;
ALTER TABLE updates ADD COLUMN cause TEXT;
"""

_FOLLOWING = """
CREATE TABLE topics (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- a button must not come to mean a later topic
    chat_id INTEGER NOT NULL,
    thread_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    words TEXT NOT NULL,
    old INTEGER NOT NULL,  -- whether articles of long ago count
    since REAL NOT NULL  -- articles that came later are new
);
CREATE INDEX topics_by_chat ON topics (chat_id, thread_id);
CREATE TABLE news (
    id INTEGER PRIMARY KEY,
    chat_id INTEGER NOT NULL,
    thread_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    at REAL NOT NULL,
    topics TEXT NOT NULL,
    articles TEXT NOT NULL,
    citations TEXT NOT NULL,
    held INTEGER NOT NULL DEFAULT 0,  -- whether it is told together with others
    update_id INTEGER,  -- of the message that tells it
    told REAL  -- when that was planned
);
CREATE INDEX news_by_chat ON news (chat_id, thread_id, at);
CREATE TABLE wishes (
    chat_id INTEGER NOT NULL,
    thread_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    hours TEXT,
    digest INTEGER,  -- the hour of the daily digest
    digested TEXT,  -- the day of the last one
    corrections INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (chat_id, thread_id)
) WITHOUT ROWID;
"""

_NARROWED = """
CREATE TABLE filters (
    chat_id INTEGER NOT NULL,
    thread_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,  -- from which on it stands
    filters TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (chat_id, thread_id, user_id, message_id)
) WITHOUT ROWID;
"""

_POSTGRES = """
CREATE TABLE facts (
    name TEXT COLLATE "C" PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);
CREATE TABLE updates (
    id BIGINT PRIMARY KEY,
    received DOUBLE PRECISION NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    outcome TEXT COLLATE "C",
    raw TEXT COLLATE "C" NOT NULL,
    ms BIGINT,
    cost_usd DOUBLE PRECISION,
    cause TEXT COLLATE "C"
);
CREATE INDEX updates_open ON updates (id) WHERE outcome IS NULL;
CREATE INDEX updates_by_age ON updates (received);
CREATE TABLE outbox (
    update_id BIGINT NOT NULL REFERENCES updates (id),
    ordinal INTEGER NOT NULL,
    message TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    message_id BIGINT,
    floor BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (update_id, ordinal)
);
CREATE TABLE message_ids (
    counter BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    PRIMARY KEY (counter, message_id)
);
CREATE TABLE moved_chats (old BIGINT PRIMARY KEY, new BIGINT NOT NULL UNIQUE);
CREATE TABLE turns (
    id BIGINT PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
    chat_id BIGINT NOT NULL,
    thread_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    answer TEXT COLLATE "C" NOT NULL,
    cited TEXT COLLATE "C" NOT NULL,
    at DOUBLE PRECISION NOT NULL DEFAULT 0
);
CREATE INDEX turns_by_conversation ON turns (chat_id, thread_id, user_id, id);
CREATE TABLE answers (
    id BIGINT PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
    update_id BIGINT NOT NULL UNIQUE,
    at DOUBLE PRECISION NOT NULL,
    chat_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    question_message BIGINT NOT NULL,
    messages TEXT COLLATE "C" NOT NULL,
    answer TEXT COLLATE "C" NOT NULL
);
CREATE INDEX answers_by_question ON answers (chat_id, question_message);
CREATE TABLE presses (key TEXT COLLATE "C" PRIMARY KEY, at DOUBLE PRECISION NOT NULL);
CREATE TABLE feedback (
    answer_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    author_id BIGINT NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    verdict TEXT COLLATE "C" NOT NULL,
    answer TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (answer_id, user_id)
);
CREATE TABLE asked (
    user_id BIGINT NOT NULL,
    day TEXT COLLATE "C" NOT NULL,
    update_id BIGINT NOT NULL,
    PRIMARY KEY (user_id, day, update_id)
);
CREATE TABLE topics (
    id BIGINT PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
    chat_id BIGINT NOT NULL,
    thread_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    words TEXT COLLATE "C" NOT NULL,
    old INTEGER NOT NULL,
    since DOUBLE PRECISION NOT NULL
);
CREATE INDEX topics_by_chat ON topics (chat_id, thread_id);
CREATE TABLE news (
    id BIGINT PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
    chat_id BIGINT NOT NULL,
    thread_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    at DOUBLE PRECISION NOT NULL,
    topics TEXT COLLATE "C" NOT NULL,
    articles TEXT COLLATE "C" NOT NULL,
    citations TEXT COLLATE "C" NOT NULL,
    held INTEGER NOT NULL DEFAULT 0,
    update_id BIGINT,
    told DOUBLE PRECISION
);
CREATE INDEX news_by_chat ON news (chat_id, thread_id, at);
CREATE TABLE wishes (
    chat_id BIGINT NOT NULL,
    thread_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    hours TEXT COLLATE "C",
    digest INTEGER,
    digested TEXT COLLATE "C",
    corrections INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (chat_id, thread_id)
);
CREATE TABLE filters (
    chat_id BIGINT NOT NULL,
    thread_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    filters TEXT COLLATE "C" NOT NULL,
    at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (chat_id, thread_id, user_id, message_id)
);
CREATE TABLE workers (
    id BIGINT PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
    seen DOUBLE PRECISION NOT NULL,
    leaving INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE queue (
    update_id BIGINT PRIMARY KEY,
    chat TEXT COLLATE "C" NOT NULL,
    urgent INTEGER NOT NULL,
    worker BIGINT,
    stop INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX queue_by_chat ON queue (chat);
CREATE TABLE typed (
    user_id BIGINT PRIMARY KEY,
    at DOUBLE PRECISION NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    first_update BIGINT NOT NULL
);
CREATE TABLE forgotten (
    who TEXT COLLATE "C" PRIMARY KEY,  -- not the person's number
    day TEXT COLLATE "C" NOT NULL,
    asked INTEGER NOT NULL
);
CREATE TABLE pauses (chat_id BIGINT PRIMARY KEY, until DOUBLE PRECISION NOT NULL);
"""

_SHARED = """
CREATE TABLE rates (chat_id BIGINT PRIMARY KEY, until DOUBLE PRECISION NOT NULL);
CREATE TABLE turned_away (user_id BIGINT PRIMARY KEY, at DOUBLE PRECISION NOT NULL);
"""

TELEGRAM = Schema(
    "newsdesk_telegram",
    tuple(map(_statements, (_FIRST, _DATED, _MEASURED, _FOLLOWING, _NARROWED))),
    (_statements(_POSTGRES), _statements(_SHARED)),
)
