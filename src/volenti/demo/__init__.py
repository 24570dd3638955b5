"""The demo: a cast of people who do not exist, and the story of one of them who withdraws.

Everything here goes through the public `Workspace`, as any other program would.
"""
