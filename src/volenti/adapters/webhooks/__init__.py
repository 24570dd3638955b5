"""Senders of webhooks' messages."""
