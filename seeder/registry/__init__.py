"""The HTTP client of the distribution spec (opencontainers/distribution-spec, spec.md).

`client` has the verbs, and asks a `place` for each: a `repository` of a registry, or a folder. Below them, each in a
module: `calls` (one request with auth, retry and errors), `auth` (challenges and the token cache), `schemes` (which
hosts speak TLS), `transport` (redirects), `pools` and `connection` (heads, quicker than http.client reads them),
`retry` (the one policy), `answers` (what a refusal means), `reading` (bodies), `told` (what an answer tells of a
manifest), `listing` (the referrers API), `quotas` (what Docker Hub says of its quota). Beside it, read once:
`registries_conf`, `credentials`, `tls`, all of them in `sources`.
"""
