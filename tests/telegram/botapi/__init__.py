"""A Bot API server on 127.0.0.1, as strict as Telegram, for the tests of the bot.

It speaks real HTTP. Every request is judged by aiogram's method models and by Telegram's limits;
every update it sends is checked by aiogram's `Update`. It keeps what a user would see: messages,
edits, deletions, drafts, typing, with their times. Faults come on demand.

judge.py      one request: its parameters by aiogram's models, its text by Telegram's limits
people.py     what tests hold: persons and rooms that write, edit, press and look
record.py     what was requested and what is shown
updates.py    the queue of updates, their offsets, and how each is made
faults.py     errors, floods, delays and dropped connections on demand
methods.py    what each method does
deliveries.py sends updates to the webhook
server.py     HTTP: methods, files and long polls
"""

from tests.telegram.botapi.judge import units
from tests.telegram.botapi.people import Person, Room
from tests.telegram.botapi.record import Shown
from tests.telegram.botapi.server import BotApi

__all__ = ["BotApi", "Person", "Room", "Shown", "units"]
