"""The tables of the catalog in SQLite, version by version."""

from __future__ import annotations

SCHEMA = (
    (
        """CREATE TABLE articles (
            id TEXT PRIMARY KEY,
            uri TEXT NOT NULL,
            published TEXT,
            fingerprint TEXT NOT NULL,
            title TEXT NOT NULL,
            source TEXT NOT NULL,
            url TEXT NOT NULL,
            body TEXT NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE passages (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            article_id TEXT NOT NULL REFERENCES articles (id),
            ordinal INTEGER NOT NULL,
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL
        )""",
        "CREATE INDEX passages_by_article ON passages (article_id, ordinal)",
        """CREATE VIRTUAL TABLE passage_text
            USING fts5 (title, text, tokenize = 'porter unicode61')""",
        """CREATE TABLE stray_vectors (
            collection TEXT NOT NULL,
            passage_id TEXT NOT NULL,
            PRIMARY KEY (collection, passage_id)
        ) WITHOUT ROWID""",
        "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    ),
    # With row ids: without them SQLite reads whole bodies on its way to another article.
    (
        """CREATE TABLE new_articles (
            id TEXT PRIMARY KEY NOT NULL,
            uri TEXT NOT NULL,
            published TEXT,
            fingerprint TEXT NOT NULL,
            title TEXT NOT NULL,
            source TEXT NOT NULL,
            url TEXT NOT NULL,
            body TEXT NOT NULL  -- last: SQLite reads columns behind a long text slowly
        )""",
        "INSERT INTO new_articles SELECT * FROM articles",
        "DROP TABLE articles",
        "ALTER TABLE new_articles RENAME TO articles",
        "CREATE INDEX articles_by_date ON articles (published, id)",
    ),
    # Not a column: behind the body it would be read slowly.
    (
        "CREATE TABLE texts (article_id TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID",
        "INSERT INTO texts SELECT id, text_digest(body) FROM articles",
    ),
    # What only some articles have, and when each came: not columns, for the same reason. Times
    # are in seconds since 1970.
    (
        """CREATE TABLE details (
            article_id TEXT PRIMARY KEY,
            added REAL NOT NULL,
            excerpt INTEGER NOT NULL DEFAULT 0,
            version INTEGER NOT NULL DEFAULT 0,
            pages TEXT NOT NULL DEFAULT '[]'
        ) WITHOUT ROWID""",
        "INSERT INTO details (article_id, added) SELECT id, 0 FROM articles",
        "CREATE INDEX details_by_time ON details (added)",
        "CREATE TABLE held (article_id TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID",
        """CREATE TABLE withdrawn (
            article_id TEXT PRIMARY KEY,
            uri TEXT NOT NULL,
            version INTEGER NOT NULL,
            reason TEXT NOT NULL,
            at REAL NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE versions (
            article_id TEXT NOT NULL,
            replaced REAL NOT NULL,
            title TEXT NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (article_id, replaced)
        )""",
    ),
    # Which articles are copies of which, in both directions, and samples of their words by which
    # copies are found. There are no rows yet for articles that are stored: the next ingest adds
    # them.
    (
        """CREATE TABLE sketches (
            number INTEGER PRIMARY KEY,
            article_id TEXT NOT NULL UNIQUE,
            hashes BLOB NOT NULL
        )""",
        """CREATE TABLE runs (
            hash INTEGER NOT NULL,
            number INTEGER NOT NULL,
            PRIMARY KEY (hash, number)
        ) WITHOUT ROWID""",
        """CREATE TABLE copies (
            one TEXT NOT NULL,
            other TEXT NOT NULL,
            PRIMARY KEY (one, other)
        ) WITHOUT ROWID""",
        # Where the text of a stored article was found again: it is not stored again.
        """CREATE TABLE addresses (
            uri TEXT PRIMARY KEY,
            article_id TEXT NOT NULL,
            title TEXT NOT NULL,
            source TEXT NOT NULL,
            published TEXT,
            url TEXT NOT NULL
        ) WITHOUT ROWID""",
        "CREATE INDEX addresses_by_article ON addresses (article_id)",
    ),
    # Under which address each article is known, in the form that its twins share; what is
    # followed; and each address that a followed one named, with what is still to be done for it.
    (
        """CREATE TABLE places (
            key TEXT NOT NULL,
            article_id TEXT NOT NULL,
            PRIMARY KEY (key, article_id)
        ) WITHOUT ROWID""",
        "CREATE INDEX places_by_article ON places (article_id)",
        "INSERT OR IGNORE INTO places SELECT same_article(url), id FROM articles WHERE url <> ''",
        """INSERT OR IGNORE INTO places
            SELECT same_article(uri), id FROM articles WHERE uri LIKE 'http%://%'""",
        """CREATE TABLE followed (
            address TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            title TEXT NOT NULL DEFAULT '',
            etag TEXT NOT NULL DEFAULT '',
            modified TEXT NOT NULL DEFAULT '',
            last REAL,
            due REAL NOT NULL DEFAULT 0,
            failures INTEGER NOT NULL DEFAULT 0,
            error TEXT NOT NULL DEFAULT '',
            new INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID""",
        """CREATE TABLE named (
            key TEXT PRIMARY KEY,
            followed TEXT NOT NULL,
            host TEXT NOT NULL,
            guid TEXT NOT NULL,
            entry TEXT NOT NULL,
            digest TEXT NOT NULL,
            uri TEXT NOT NULL DEFAULT '',
            excerpt INTEGER NOT NULL DEFAULT 0,
            etag TEXT NOT NULL DEFAULT '',
            modified TEXT NOT NULL DEFAULT '',
            found REAL NOT NULL,
            due REAL,
            failures INTEGER NOT NULL DEFAULT 0,
            error TEXT NOT NULL DEFAULT '',
            misses INTEGER NOT NULL DEFAULT 0,
            missed REAL,
            gone REAL
        )""",
        "CREATE INDEX named_by_time ON named (due)",
        "CREATE INDEX named_by_followed ON named (followed, guid)",
    ),
    # By which a search keeps to an outlet.
    ("CREATE INDEX articles_by_source ON articles (source, id)",),
    # What a person took out: what is followed brings none of it back.
    (
        """CREATE TABLE removed (
            key TEXT PRIMARY KEY,
            article_id TEXT NOT NULL
        ) WITHOUT ROWID""",
        "CREATE INDEX named_gone ON named (uri) WHERE gone IS NOT NULL",
    ),
    # The same of its text, which stands at other addresses too and may be another one's there. And
    # what was taken out before that was remembered: what is followed had it, and it is not stored.
    (
        """CREATE TABLE removed_texts (
            digest TEXT NOT NULL,
            title TEXT NOT NULL,
            article_id TEXT NOT NULL,
            PRIMARY KEY (digest, title)
        ) WITHOUT ROWID""",
        """INSERT OR IGNORE INTO removed SELECT key, article_id(uri) FROM named
            WHERE uri LIKE 'http%://%' AND key NOT IN (SELECT key FROM places)
            AND article_id(uri) NOT IN (SELECT id FROM articles)
            AND uri NOT IN (SELECT uri FROM addresses)""",
        """INSERT OR IGNORE INTO removed SELECT same_article(uri), article_id FROM named
            JOIN removed ON article_id = article_id(uri)""",
    ),
    # The order in which addresses were named, as a column that a copy keeps; by which a text that
    # is stored already is found; and which of several writers put a vector that is a stray yet.
    (
        """CREATE TABLE new_named (
            number INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            followed TEXT NOT NULL,
            host TEXT NOT NULL,
            guid TEXT NOT NULL,
            entry TEXT NOT NULL,
            digest TEXT NOT NULL,
            uri TEXT NOT NULL DEFAULT '',
            excerpt INTEGER NOT NULL DEFAULT 0,
            etag TEXT NOT NULL DEFAULT '',
            modified TEXT NOT NULL DEFAULT '',
            found REAL NOT NULL,
            due REAL,
            failures INTEGER NOT NULL DEFAULT 0,
            error TEXT NOT NULL DEFAULT '',
            misses INTEGER NOT NULL DEFAULT 0,
            missed REAL,
            gone REAL
        )""",
        "INSERT INTO new_named SELECT rowid, * FROM named",
        "DROP TABLE named",
        "ALTER TABLE new_named RENAME TO named",
        "CREATE INDEX named_by_time ON named (due)",
        "CREATE INDEX named_by_followed ON named (followed, guid)",
        "CREATE INDEX named_gone ON named (uri) WHERE gone IS NOT NULL",
        "CREATE INDEX texts_by_digest ON texts (digest)",
        """CREATE TABLE new_stray_vectors (
            collection TEXT NOT NULL,
            passage_id TEXT NOT NULL,
            writer TEXT NOT NULL,
            PRIMARY KEY (collection, passage_id, writer)
        ) WITHOUT ROWID""",
        "INSERT INTO new_stray_vectors SELECT collection, passage_id, '' FROM stray_vectors",
        "DROP TABLE stray_vectors",
        "ALTER TABLE new_stray_vectors RENAME TO stray_vectors",
    ),
    # By which a search keeps to an outlet on a day, and finds what an outlet ran too.
    (
        "DROP INDEX articles_by_source",
        "CREATE INDEX articles_by_source ON articles (source, published, id)",
        "CREATE INDEX addresses_by_source ON addresses (source)",
    ),
    # How often each word is written, and how: by these a question's spelling is corrected.
    (
        """CREATE TABLE words (
            word TEXT NOT NULL,
            form TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (word, form)
        ) WITHOUT ROWID""",
        """INSERT INTO words SELECT lower_case(one.key), one.key, sum(one.value)
            FROM passages p JOIN passage_text t ON t.rowid = p.number,
            json_each(words_of(t.title, t.text)) one GROUP BY one.key""",
    ),
)
"""The statements that make each version of the schema from the one before."""
