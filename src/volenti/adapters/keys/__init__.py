"""Where people's keys lie."""
