"""Webhooks: other systems are told what happened, by messages that they can check."""
