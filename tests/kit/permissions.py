"""File permissions that hold for root as well, so that tests of them mean something wherever they run."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

_VERSION_3 = 0x20080522
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1 << 1, 1 << 2

_Sets = ctypes.c_uint32 * 6
"""Effective, permitted and inheritable capabilities, low and high."""


@contextmanager
def permissions_that_bind() -> Iterator[None]:
    """For a while, this thread may only do to files what their permissions say."""
    if os.geteuid() != 0:
        yield
        return
    if sys.platform != "linux":
        pytest.skip("permissions mean nothing to root")
    before = _capabilities()
    bound = _Sets(*before)
    bound[0] &= ~(_DAC_OVERRIDE | _DAC_READ_SEARCH)
    _set_capabilities(bound)
    try:
        yield
    finally:
        _set_capabilities(before)


def _header() -> ctypes.Array[ctypes.c_uint32]:
    return (ctypes.c_uint32 * 2)(_VERSION_3, 0)


def _capabilities() -> ctypes.Array[ctypes.c_uint32]:
    found = _Sets()
    if ctypes.CDLL(None, use_errno=True).capget(_header(), found):
        raise OSError(ctypes.get_errno(), "capget")
    return found


def _set_capabilities(wanted: ctypes.Array[ctypes.c_uint32]) -> None:
    if ctypes.CDLL(None, use_errno=True).capset(_header(), wanted):
        raise OSError(ctypes.get_errno(), "capset")
