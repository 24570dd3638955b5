"""The demo: a cast of people who do not exist, and the story of one of them saying no.

Everything here goes through the public `Workspace`, like any other program would.
"""
