# SPDX-License-Identifier: Apache-2.0
"""vote, annotating every record."""

import annotate


def measure(bench):
    yield from annotate.measure(bench, "vote")
