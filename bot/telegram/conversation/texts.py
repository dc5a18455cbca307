"""The fixed texts of the bot."""

from __future__ import annotations

COMMANDS = {
    "ask": "ask the archive (needed in groups only)",
    "timeline": "how something went, in order",
    "check": "check a text against the archive",
    "filter": "search only some outlets or days: source:BBC after:2020-10",
    "sources": "what the archive covers",
    "follow": "tell me what comes in on a topic or a question",
    "following": "what is followed here",
    "unfollow": "follow it no longer",
    "digest": "the stories of the day, or daily 8 for one each morning",
    "corrections": "on or off: tell me when what you quoted no longer stands",
    "quiet": "when not to disturb, such as 22-7 +2",
    "new": "begin a new conversation",
    "cancel": "stop the answer being written",
    "forget": "remove everything you asked from the bot",
    "privacy": "what is stored",
    "help": "how to ask",
}

DESCRIPTION = (
    "Ask a news archive. You get a short answer in which every sentence names the article that "
    "says it, and you are told when the archive has no answer."
)
SHORT_DESCRIPTION = "Answers from a news archive, with a source for every sentence."

START = (
    "Hello! Ask me anything about the articles of this archive. Every sentence of my answers "
    "names its source; where the archive has no answer, I say so.\n\n"
    "/sources shows what the archive covers, /help how to ask."
)

HELLO = (
    "Hello! I answer questions from a news archive, with a source for every sentence. Write /ask "
    "and your question, or reply to one of my messages. /help@{me} says more."
)

HELP = (
    "Write a question and I answer it from the archive. Follow-ups such as “Why?” work: I know "
    "what was said before. Tap [1] to open a source, ❝ 1 to see its exact words in their context, "
    "👍 or 👎 to say whether the answer helped (once more to take it back). Edit your question and "
    "I correct my answer. The caption of a photo or a document is a question, too.\n\n"
    "In groups, mention @{me}, reply to one of my messages, or write /ask and the question. "
    "Reply to anybody's message with a question and I take it into account. In any chat, "
    "@{me} and a question offers the answer as a message to send.\n\n"
    "/timeline and a subject, such as /timeline the truces, tells how it went, in order.\n\n"
    "/filter source:BBC after:2020-10 has me search only what passes that, until /filter off or "
    '/new; the same may stand in a question, and so may "exact words" and -word.\n\n'
    "/follow and a topic, or a question whose answer may change, has me write when something "
    "comes in on it; /quiet sets when not. /digest tells the stories of the day, /digest daily 8 "
    "each morning. /corrections on has me tell you when what I quoted to you no longer stands.\n\n"
    "/check and a text, or /check in reply to a message, goes through it sentence by sentence: "
    "what the archive bears out, what it has otherwise, what is not in it.\n\n"
    "{commands}"
)

PRIVACY = (
    "What I store, on the machine of whoever runs me:\n"
    "• for {days} days your questions, my answers, and your 👍 and 👎 with them, so that "
    "follow-ups work and buttons know what they are about; the /filter of a conversation as long "
    "as that;\n"
    "• what you follow, your quiet hours and the like, until you end it;\n"
    "• for 8 days the numbers of this chat and of my messages in it, so that none is sent twice;\n"
    "• until midnight (UTC) how many questions you asked.\n"
    "If the archive's owner has me use a language model, your question and the passages found are "
    "sent to it; its replies are kept without your number, until nobody needed them for {days} "
    "days. Another person's questions never become part of your conversation. The log has a line "
    "for each question: your number, the time and the outcome, {words}.\n\n"
    "/new begins a new conversation; /forget deletes all that is stored of you, feedback included. "
    "The log is not in my hands."
)
PRIVACY_WORDS = {False: "not its words", True: "and its words"}

NEW = "A new conversation: I no longer take what was said before into account."
NEW_FILTER = " Its filter has ended."
FILTER = "In this conversation I search only what passes {filter} (/filter off ends that)."
FILTER_ENDED = "The filter has ended: I search everything again."
FILTER_NONE = "No filter stands: /filter and one sets it; {kinds}."
STOPPED = "Stopped."
STOPPED_ANSWER = "⏹ Stopped."
NOTHING_TO_STOP = "There is nothing to stop."
UNKNOWN = "I do not know that command. /help says what I can do."
MEDIA = "I can read text only. Write your question, please."
NO_QUESTION = "I see no question in that. Write one, such as: /ask When did the truce take effect?"

NO_DRAFT = (
    "I see no text to check. Write it after /check, or reply to a message that has it with /check."
)

FORGET = (
    "Shall I forget you? Your questions, my answers to them, your feedback and what you "
    "follow are removed, in every chat. That cannot be undone."
)
FORGET_CHAT = (
    f"{FORGET}\n\nYou write as a chat, and I cannot see whose chat it is when somebody presses a "
    "button. Write /forget@{me} yes and it is done."
)
FORGET_YES, FORGET_NO = "Yes, forget me", "No"
FORGOTTEN = (
    "Done: nothing of yours is stored in the archive's folder any more, be it a question, an "
    "answer, feedback or your number. The log, which I cannot change, may still name your number "
    "and when you wrote."
)
KEPT = "All is as it was."

FOLLOW_HOW = (
    "Write what I should follow after the command, in your own words or as a question: "
    "/follow Nagorno-Karabakh ceasefire. When articles come in that bear on it, I tell you. "
    "With “old:” before it, articles of long ago count too."
)
FOLLOW_ADDRESS = (
    "That is a web address, and I follow topics here: write one in your own words, such as "
    "/follow Nagorno-Karabakh ceasefire. The articles of feeds and sites come into the archive "
    "once whoever runs it follows them there, with the command newsdesk follow."
)
NOT_UNDERSTOOD = "I did not understand “{said}”."
FOLLOWED = "I follow “{topic}” here from now on. /following shows all, /unfollow ends it."
FOLLOWED_ALREADY = "I follow that here already."
FOLLOWED_TOO_LONG = "That is too long for a topic: at most {most} characters."
FOLLOWED_TOO_MANY = "I follow {most} topics here, which is the most. /unfollow some first."
FOLLOWING = "Followed here:\n{topics}\n\n/unfollow and a number, such as /unfollow 1, ends one."
FOLLOWING_NOTHING = "Nothing is followed here. " + FOLLOW_HOW
UNFOLLOWED = "I follow {topics} no longer."
UNFOLLOW_HOW = "Write the number that /following shows after the command, or “all”: /unfollow 1"
QUIET = (
    "{quiet}. The clock here shows {clock} now. /quiet 22-7 +2 has me keep quiet from 22 to 7 "
    "o'clock, two hours ahead of UTC; /quiet off has me tell everything at once."
)
QUIET_FROM = "From {first} to {last} o'clock I keep news back, and tell it together afterwards"
QUIET_NEVER = "I tell news at any hour"
CORRECTIONS = {
    True: "When a sentence that I quoted to you no longer stands in its article, I tell you here.",
    False: "I do not tell you when what I quoted no longer stands. /corrections on changes that.",
}
CORRECTIONS_HOW = "/corrections takes “on” or “off”."
DIGEST_DAILY = (
    "I send a digest here every day at {hour} o'clock. The clock here shows {clock} now; /quiet "
    "sets it. /digest off ends that."
)
DIGEST_OFF = "I send no daily digest here."
DIGEST_HOW = (
    "/digest shows the stories of the last day, /digest 48 those of 48 hours, /digest wolves what "
    "came in on wolves this week; /digest daily 8 sends one every day at 8 o'clock."
)
NEWS = "News on {topics}"
NEWS_TOGETHER = "{stories} stories on {topics}"
NEWS_LEFT = "And {stories} more."

NOT_ALLOWED = (
    "This bot answers only people whom its owner has let in. Your number is {user}: give it to "
    "the owner if you should be one of them."
)
NOT_LET_IN = "You are not let in. Tap for your number."
NONE_LEFT = "No questions left today; again at 00:00 UTC."
NOT_ALLOWED_HERE = (
    "This bot answers only in groups that its owner has let in. This group's number is {chat}: "
    "give it to the owner if it should be one of them."
)
NOT_YOURS = "That is for whoever asked."
NO_LONGER = "That answer is not stored any more."
SOURCE_GONE = "That source is not in the archive any more."
SHOWN = "It is shown above."
VERDICTS = {
    "up": "Thank you!",
    "down": "Sorry to hear that; it is noted.",
    None: "Taken back: it is not stored any more.",
}
"""The reply to a press on 👍 or 👎, by the verdict that is stored afterwards."""

TROUBLE = (
    "I cannot answer just now: something is wrong with the archive or its engine. My owner finds "
    "it in the log; please try again later."
)
INTERRUPTED = "I was interrupted before I could answer that. Please ask again."

ADMINS_ONLY = "Only this bot's admins may do that."
ADD = "Shall I add {name} to the archive? Its articles are then quoted to everybody who asks."
ADD_YES = "Add to the archive"
READING = "I am reading it…"
INGEST_HOW = (
    "Send files as documents with the caption /ingest, or reply to a document with /ingest "
    "({kinds}; up to {megabytes} MB each)."
)
AMBIGUOUS_DATE = "{count} stored without a date: it reads as two days (03/04/2024)."
INGEST_FAILED = "{names} could not be read in: {reason}"
