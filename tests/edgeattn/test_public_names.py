"""What `import edgeattn` offers."""

from __future__ import annotations

import pytest

import edgeattn


@pytest.mark.parametrize("name", edgeattn.HOME)
def test_every_public_name_is_there(name):
    assert getattr(edgeattn, name).__doc__
    assert name in edgeattn.__all__


def test_another_name_is_refused():
    with pytest.raises(AttributeError, match="nothing_like_this"):
        _ = edgeattn.nothing_like_this
