"""Secrets are compared in constant time: nothing in `service/access` compares one by `==` or `in`."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOM = Path(__file__).parents[3] / "service" / "access"
SECRET = ("secret", "password", "digest", "hash", "key", "authorization", "credential", "token")
OPEN = {"api_keys", "key_id"}
"""Names with such a word in them that hold no secret."""


def compared(source: str) -> list[str]:
    """Every comparison by value of a name that sounds like a secret."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq | ast.In) for op in node.ops):
            sides = [node.left, *node.comparators]
            if any(_is_secret(name) for side in sides for name in _names(side)):
                found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "len":
        return []
    own = [node.attr] if isinstance(node, ast.Attribute) else [node.id] if isinstance(node, ast.Name) else []
    return own + [name for child in ast.iter_child_nodes(node) for name in _names(child)]


def _is_secret(name: str) -> bool:
    return name not in OPEN and any(word in name.lower() for word in SECRET)


@pytest.mark.parametrize("file", sorted(ROOM.glob("*.py")), ids=lambda f: f.name)
def test_no_secret_is_compared_by_value(file: Path) -> None:
    assert compared(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "planted",
    ["sent.secret == key.digest", "if password != kept: pass", "x = digest in found", "a == sha(secret)", "key == b''"],
)
def test_the_check_sees_that(planted: str) -> None:
    assert len(compared(planted)) == 1


@pytest.mark.parametrize("allowed", ["role == 'sales'", "compare_digest(secret, kept)", "12 <= len(password) == 3"])
def test_the_check_lets_pass_that(allowed: str) -> None:
    assert compared(allowed) == []


def test_keys_are_compared_in_constant_time() -> None:
    assert "hmac.compare_digest(" in (ROOM / "guard.py").read_text(encoding="utf-8")
