"""Keypoint finders."""
