"""Signing in with the company's own account: OpenID Connect, where it is configured."""
