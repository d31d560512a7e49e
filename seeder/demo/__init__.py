"""The whole story on this machine alone: a class that Docker Hub would refuse, seeded so that it does not.

Two sandboxes stand in for Docker Hub and for the event's registry; all else is the real thing.
"""
