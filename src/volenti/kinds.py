"""Every kind of row that there is. The register keeps no others."""

from __future__ import annotations

from volenti.catalogue import kinds as catalogue
from volenti.clearance import kinds as clearance
from volenti.consent import kinds as consent
from volenti.datasets import kinds as datasets
from volenti.deliveries import kinds as deliveries
from volenti.erasure import kinds as erasure
from volenti.jobs import kinds as jobs
from volenti.letters import kinds as letters
from volenti.portal import kinds as portal
from volenti.requests import kinds as requests
from volenti.signings import kinds as signings
from volenti.training import kinds as training
from volenti.users import kinds as users
from volenti.vault import kinds as vault
from volenti.vault.rowkind import RowKinds
from volenti.webhooks import kinds as webhooks

KINDS = RowKinds(
    vault.KINDS,
    users.KINDS,
    webhooks.KINDS,
    jobs.KINDS,
    consent.KINDS,
    portal.KINDS,
    signings.KINDS,
    letters.KINDS,
    clearance.KINDS,
    datasets.KINDS,
    training.KINDS,
    catalogue.KINDS,
    deliveries.KINDS,
    requests.KINDS,
    erasure.KINDS,
    holders=(
        *vault.HOLDERS,
        *jobs.HOLDERS,
        *letters.HOLDERS,
        *clearance.HOLDERS,
        *datasets.HOLDERS,
        *training.HOLDERS,
        *deliveries.HOLDERS,
    ),
)
