"""Everything that Newsdesk raises on purpose.

NewsdeskError            shown to people as it is: what went wrong and what to do
├── BadQuestion          a question is empty, too long, or not text
├── CannotCheck          a text of one's own is empty, too long or unreadable, or the archive empty
├── CannotFollow         an address is none that can be followed, or is not followed
├── SettingsError        a setting has a value that cannot be used
├── ModelFileError       a model's files are missing, damaged or not understood
├── ArchiveError         the stored archive cannot be used
│   ├── ArchiveUnreadable    its files are damaged, locked, read-only or the disk is full
│   │   └── ArchiveUnreachable   the database server is away, or cut the connection
│   ├── VectorsUnavailable   the server that holds its vectors is away, refuses or fails
│   └── IndexMismatch        it was indexed with other settings than today's
├── ArticleNotFound      no article has the id that was asked for
├── EvaluationError      golden questions, results or a baseline cannot be used
├── BudgetSpent          what the model may cost a day is spent
├── AccountSpent         what it may cost whoever asks is
└── ServiceError         a model service refused, failed or did not answer in time
    ├── ServiceTimeout       it did not answer in time
    └── ContextTooLong       it was sent more than its model can read
"""


class NewsdeskError(Exception):
    """Base of all errors with a message meant for the person at the keyboard."""


class BadQuestion(NewsdeskError):
    """A question is empty, too long, or not text."""


class CannotCheck(NewsdeskError):
    """A text cannot be checked: it is empty, too long or unreadable, or the archive is empty."""


class CannotFollow(NewsdeskError):
    """An address names no articles, cannot be fetched, or is not followed."""


class SettingsError(NewsdeskError):
    """A setting has a value that cannot be used."""


class ModelFileError(NewsdeskError):
    """The files of an encoder or a reader are missing, damaged or not understood."""


class ArchiveError(NewsdeskError):
    """The stored archive cannot be used."""


class ArchiveUnreadable(ArchiveError):
    """The archive's files are damaged, locked, read-only, or the disk is full."""


class ArchiveUnreachable(ArchiveUnreadable):
    """The database server is away, or a connection to it was lost: it may be back in a moment."""


class VectorsUnavailable(ArchiveError):
    """The server that holds the archive's vectors cannot be reached, refuses or fails."""


class IndexMismatch(ArchiveError):
    """The archive was indexed with other settings than those in force."""


class ArticleNotFound(NewsdeskError):
    """No article has the id that was asked for."""


class EvaluationError(NewsdeskError):
    """Golden questions, results or a baseline cannot be used."""


class ServiceError(NewsdeskError):
    """A model service refused, failed or did not answer in time."""


class ServiceTimeout(ServiceError):
    """A model service did not answer in time."""


class ContextTooLong(ServiceError):
    """A model service was sent more than its model can read at once."""


class BudgetSpent(NewsdeskError):
    """What the model may cost a day is spent."""


class AccountSpent(NewsdeskError):
    """What the model may cost whoever asks, of their own budget for a day, is spent.

    `seconds` is after which more can be asked: with None, from midnight UTC on.
    """

    def __init__(self, daily_usd: float, seconds: float | None = None) -> None:
        budget = f"the {daily_usd:g} US dollars a day of this token"
        super().__init__(
            f"What is left of {budget} is too little for an answer: there are more from 00:00 UTC "
            "on."
            if seconds is None
            else f"What is left of {budget} is kept for questions under way: wait a moment."
        )
        self.seconds = seconds
