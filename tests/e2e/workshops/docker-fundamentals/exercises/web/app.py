"""Serves the folder, as an exercise does."""

import http.server

http.server.test(http.server.SimpleHTTPRequestHandler)
