"""Numbered feeds: dense positions in commit order, epochs, pull, streams and followers. One kind for everyone."""
