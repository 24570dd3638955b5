"""Signings: people sign releases on a page of the web application, by a link that an officer opened."""
