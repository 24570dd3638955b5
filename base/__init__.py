"""The tools that make the people-free base. Not part of the installed package."""
