"""Commands: what `volenti` can be told to do."""

from __future__ import annotations

#: The commands in the order of the help, which is the order in which a picture goes through them, each with
#: its summary. A command's module has its name, and is imported when the command is called. A test compares
#: the summaries with the modules'.
COMMANDS = {
    "demo": "Tell the whole story, with people who do not exist.",
    "init": "Make a workspace.",
    "doctor": "Check what is installed, the models and the workspace.",
    "models": "The models that find people and compare faces.",
    "subject": "The people in the pictures.",
    "release": "What each person agreed to, signed.",
    "rights": "Works of third parties, whose copies aren't let in.",
    "policy": "The rules pictures are judged by.",
    "add": "Take files in and seal them in quarantine. Nothing is judged yet.",
    "clear": "Judge every picture for one purpose.",
    "status": "Show what became of every file given, and why.",
    "picture": "The pictures that were given.",
    "shoot": "Where pictures come from, and who has releases for it.",
    "review": "Decide what the policy held.",
    "dataset": "Snapshots of what is cleared.",
    "base": "What runs start from, and whom that had learned from.",
    "train": "Train the generator on a dataset, or go on with it.",
    "run": "Training runs, the project's own and those of your scripts.",
    "package": "On the machine that trains: packages of pictures, and the way back.",
    "generate": "Draw people who do not exist.",
    "work": "Pictures that were drawn, refused, or called back.",
    "request": "What somebody asks for, by when, and what comes of it.",
    "today": "Show what blocks the next dataset, what is due, what runs, and what isn't well.",
    "due": "List what is due within so many days, and what is overdue, by day.",
    "certificate": "What an erasure did, for anybody to check.",
    "feed": "The deletion feed: tells whoever got an export what has to go out of it.",
    "prove-forgetting": "Show that the model forgot: retrain, compare the bits.",
    "audit": "Look for residue of the erased and losses of the others.",
    "register": "Print the record of processing activities (Art. 30 GDPR), from what is really stored.",
    "log": "The log, in which nothing is ever changed.",
    "backup": "Backups without keys, and the way back from them.",
    "key": "What people's keys are wrapped under, and keys to sign with.",
    "signing": "Links by which people sign releases on a page of the web application.",
    "user": "Who works with the workspace in the web application.",
    "token": "What other systems show to use the HTTP API, and what they may do.",
    "webhook": "Other systems that are told what happens.",
    "letter": "E-mail to the people in the pictures, and reminders to officers.",
    "job": "Long work that somebody asked for, which a worker does.",
    "serve": "Start the web application.",
}
