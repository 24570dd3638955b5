"""Jobs: long work that somebody asked for, kept so that it goes on after whatever stopped it."""
