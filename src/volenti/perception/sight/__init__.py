"""Sight: finding faces and people in a picture, and telling whose a face is."""
