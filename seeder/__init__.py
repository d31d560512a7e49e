"""Seeds the images of training workshops ahead of the class, and points the workshops at them."""

__version__ = "0.1.0.dev0"
