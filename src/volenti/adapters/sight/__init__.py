"""Detectors of faces and people in pictures, and an estimator of how young a face looks."""
