"""The set-up from nothing: everything that `make up` and `make test` need before the first line of Plat itself runs.

It runs on the machine's own Python 3.11 before any library is installed, so that it imports the standard library alone.
"""
