"""Telegram Business: personal accounts for which a source's bot answers."""
