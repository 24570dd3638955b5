"""Settings: everything that can be set from outside, typed and documented.

Each is read from the environment (VOLENTI_ and the name in capitals); Python
callers may pass them to `volenti.open`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

import msgspec

from volenti.consent.territory import faults_of_place
from volenti.core.errors import UsageError

#: What the environment's names begin with.
PREFIX = "VOLENTI_"
#: Names of this machine, to which nothing goes over a network.
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Settings:
    """What a workspace is opened with. Raises UsageError where a number is less than it may be.

    `read_settings` checks the types.
    """

    models: Path = field(
        default=Path("~/.cache/volenti/models").expanduser(),
        metadata={"description": "Folder of the face models' weights."},
    )
    workers: int = field(
        default=0,
        metadata={"description": "Worker processes; 0 means one for each core.", "least": 0},
    )
    territory: str = field(
        default="WORLD",
        metadata={"description": "Where pictures are to be used: ISO 3166-1 alpha-2, or WORLD."},
    )
    quarantine_days: int = field(
        default=30,
        metadata={"description": "Days a held picture may wait for a decision.", "least": 0},
    )
    acknowledge_days: int = field(
        default=14,
        metadata={
            "description": "Days within which a recipient of an export says that they follow the feed.",
            "least": 0,
        },
    )
    watermarks: bool = field(
        default=True,
        metadata={"description": "Read text in pictures to find owners' marks."},
    )
    trust_anchors: Path | None = field(
        default=None,
        metadata={"description": "PEM file of certificates whose content credentials are trusted."},
    )
    base: Path | None = field(
        default=None,
        metadata={"description": "Another base than the shipped one: a file, or a folder of diffusers."},
    )
    currency: str = field(
        default="EUR",
        metadata={"description": "The currency of the two prices below."},
    )
    price_core_hour: float = field(
        default=0.05,
        metadata={"description": "What an hour of one core costs you; plans are priced with it.", "least": 0},
    )
    price_gpu_hour: float = field(
        default=2.5,
        metadata={"description": "What an hour of one GPU costs you.", "least": 0},
    )
    withdraw_works: Literal["near", "all"] = field(
        default="near",
        metadata={
            "description": "Which generated pictures are called back when somebody is erased: those near "
            "to them, or all that were drawn by constituents that had learned from them."
        },
    )
    device: Literal["cpu", "cuda"] = field(
        default="cpu",
        metadata={
            "description": "Where slices are trained and pictures drawn; cuda: one GPU, in bfloat16. What "
            "was trained on one is proved on the same kind."
        },
    )

    webhooks_to_private: bool = field(
        default=False,
        metadata={"description": "Send webhooks' messages also to private addresses, and to this machine."},
    )
    api_calls_per_minute: int = field(
        default=600,
        metadata={"description": "Calls of the HTTP API that one token may make in a minute.", "least": 1},
    )

    smtp_host: str = field(
        default="",
        metadata={"description": "The mail server; without one, letters lie in the folder outbox."},
    )
    smtp_port: int = field(
        default=587,
        metadata={"description": "The mail server's port.", "least": 1},
    )
    smtp_security: Literal["starttls", "tls", "none"] = field(
        default="starttls",
        metadata={"description": "How the connection is encrypted; none is for a server on this machine."},
    )
    smtp_user: str = field(
        default="",
        metadata={"description": "With which name to sign in at the mail server; by default, not at all."},
    )
    smtp_password: str = field(
        default="",
        repr=False,
        metadata={"description": "The password for that; better in a file."},
    )
    smtp_password_file: Path | None = field(
        default=None,
        metadata={"description": "A file that holds that password."},
    )
    letters_from: str = field(
        default="volenti@localhost",
        metadata={"description": "The address that letters are from."},
    )
    letters_name: str = field(
        default="",
        metadata={"description": "The name that letters are from, and signed with."},
    )
    log_file: Path | None = field(
        default=None,
        metadata={
            "description": "File to which what was done is logged, one JSON object a line. It names nobody; "
            "keep it outside of the workspace."
        },
    )

    oidc_issuer: str = field(
        default="",
        metadata={"description": "Issuer of the identity provider that users may sign in with."},
    )
    oidc_client: str = field(
        default="",
        metadata={"description": "What the identity provider calls this workspace: the client identifier."},
    )
    oidc_secret: Path | None = field(
        default=None,
        metadata={"description": "File with the client's secret, which nobody but you can read."},
    )
    oidc_claim: str = field(
        default="email",
        metadata={
            "description": "The claim of the identity provider's answer that is the user's login here."
        },
    )

    certificate: Path | None = field(
        default=None,
        metadata={"description": "PEM file of the certificate with which `volenti serve` speaks HTTPS."},
    )
    certificate_key: Path | None = field(
        default=None,
        metadata={"description": "PEM file of the certificate's private key."},
    )
    proxy: str = field(
        default="",
        metadata={
            "description": "Address of the proxy with HTTPS before `volenti serve`; it alone is answered."
        },
    )

    def __post_init__(self) -> None:
        wrong = [each.name for each in fields(self) if not _fits(getattr(self, each.name), each.metadata)]
        if wrong:
            raise UsageError(
                f"These settings are less than they may be: {', '.join(wrong)}.",
                "See what each takes: docs/reference/settings.md.",
            )
        if self.smtp_security == "none" and self.smtp_host not in ("", *_THIS_MACHINE):
            raise UsageError(
                f"Letters to {self.smtp_host} would go over the network without encryption.",
                "Set smtp_security to starttls or tls.",
            )
        for fault in faults_of_place("territory", self.territory):
            raise UsageError(
                f"The territory {self.territory!r} {fault.message}", "Set such a code, or WORLD."
            )

    def password_for_letters(self) -> str:
        """The password for the mail server; UsageError where its file can't be read."""
        if self.smtp_password_file is None:
            return self.smtp_password
        try:
            return self.smtp_password_file.read_text().strip()
        except (OSError, ValueError) as error:
            raise UsageError(
                f"The password in {self.smtp_password_file} can't be read.", "Check the path."
            ) from error


def read_settings(**given: Any) -> Settings:
    """Settings as they are given here, or else in the environment.

    Raises UsageError that names a value that can't be read, or a setting that doesn't exist.
    """
    known = get_type_hints(Settings)
    if unknown := sorted(given.keys() - known.keys()):
        raise UsageError(
            f"There is no setting called {', '.join(unknown)}.", f"Settings: {', '.join(known)}."
        )
    values: dict[str, Any] = {}
    for name, kind in known.items():
        variable = f"{PREFIX}{name.upper()}"
        if (said := given.get(name)) is not None:
            values[name] = _read(said, kind, f"The argument {name}", f"Give it as {_worded(kind)}.")
        elif (said := os.environ.get(variable)) is not None:
            values[name] = _read(said, kind, variable, f"Set it to {_worded(kind)}, or unset it.")
    return Settings(**values)


def _read(said: Any, kind: Any, called: str, remedy: str) -> Any:
    """The value of a setting, given as such or as the text of an environment variable."""
    try:
        if Path in (kind, *get_args(kind)):
            return Path(said)
        words = {"yes": True, "on": True, "no": False, "off": False}
        if kind is bool and isinstance(said, str):
            said = words.get(said.lower(), said)
        return msgspec.convert(said, kind, strict=False)
    except (msgspec.ValidationError, TypeError) as error:
        raise UsageError(f"{called} can't be read: {said!r}.", remedy) from error


def _worded(kind: Any) -> str:
    """What values a setting of this type takes, in words."""
    if choices := [each for each in get_args(kind) if isinstance(each, str)]:
        return " or ".join(choices)
    words = {int: "a whole number", float: "a number", bool: "yes or no", str: "a text"}
    return words.get(kind, "a path")


def _fits(value: Any, about: Any) -> bool:
    least = about.get("least")
    return least is None or value >= least
