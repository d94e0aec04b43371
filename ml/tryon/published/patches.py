"""Which 5 x 5 surroundings of labels there are in a picture, and which pixel has which.

A modulation's scale and shift at a pixel are two 3 x 3 convolutions deep: they depend on the
labels within two pixels and on nothing else. A picture of people has nearly a million pixels but
only some thousands of different such surroundings, because labels are large flat areas. So what
the convolutions would compute everywhere is computed once per surrounding, and looked up. This is
exact; it only sums in another order.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

#: Codes below this are numbered by a table, others by sorting.
_TABLE = 1 << 24


@dataclass(frozen=True, slots=True)
class Patches:
    """index: (N, H, W), each pixel's surrounding. taps: (U, 9), a surrounding's nine 3 x 3 patches,
    row by row. patches: (M, 9 L), each patch's label values, tap by tap. beyond: (M,) bool,
    patches whose middle lies outside the picture."""

    index: Tensor
    taps: Tensor
    patches: Tensor
    beyond: Tensor


def find(ids: Tensor, colours: Tensor) -> Patches:
    """ids: (N, H, W), each pixel's row of ``colours`` (V, L), as :func:`distinct` gives them. The
    fewer there are, the sooner."""
    outside = len(colours)
    ids = F.pad(ids, (2, 2, 2, 2), value=outside)
    colours = F.pad(colours, (0, 0, 0, 1))  # what lies outside counts as 0
    row, rows = _numbered(ids[..., :-2], ids[..., 1:-1], ids[..., 2:], base=outside + 1)
    three, threes = _numbered(row[:, :-2], row[:, 1:-1], row[:, 2:], base=rows)
    pair, pairs = _numbered(three[..., :-2], three[..., 2:], base=threes)
    five, fives = _numbered(pair[:, :-2], pair[:, 2:], base=pairs)
    around = _window(ids, three, threes)
    return Patches(
        index=five,
        taps=_window(three, five, fives),
        patches=colours[around].flatten(1),
        beyond=around[:, 4] == outside,
    )


def distinct(labels: Tensor) -> tuple[Tensor, Tensor]:
    """(N, L, H, W) of any values -> (N, H, W) numbers of the different pixels, (V, L) what each
    is."""
    n, classes, height, width = labels.shape
    if bool((labels * (1 - labels) == 0).all() and (labels.sum(dim=1) == 1).all()):  # one-hot
        eye = torch.eye(classes, dtype=labels.dtype, device=labels.device)
        return torch.tensordot(torch.arange(classes).to(labels), labels, ([0], [1])).long(), eye
    ids, count = labels.new_zeros((n, height, width), dtype=torch.long), 1
    for channel in labels.unbind(1):
        values, inverse = torch.unique(channel, return_inverse=True)
        if len(values) > 1:
            ids, count = _numbered(ids, inverse, base=max(count, len(values)))
    where = _examples(ids.flatten(), count)
    return ids, labels.movedim(1, -1).reshape(n * height * width, classes)[where]


def _numbered(*parts: Tensor, base: int) -> tuple[Tensor, int]:
    """Number the different combinations of equally large maps with values below ``base``."""
    code = parts[0]
    for part in parts[1:]:
        code = code * base + part
    limit = base ** len(parts)
    if limit > _TABLE:
        values, ids = torch.unique(code, return_inverse=True)
        return ids, len(values)
    ranks = torch.zeros(limit, dtype=torch.int32, device=code.device)
    ranks[code.flatten()] = 1
    torch.cumsum(ranks, 0, dtype=torch.int32, out=ranks)
    return ranks[code].sub_(1).long(), int(ranks[-1])


def _examples(ids: Tensor, count: int) -> Tensor:
    """(P,) numbers below ``count`` -> (count,) a place where each stands."""
    places = torch.arange(len(ids), device=ids.device)
    return torch.empty(count, dtype=torch.long, device=ids.device).scatter_(0, ids, places)


def _window(values: Tensor, ids: Tensor, count: int) -> Tensor:
    """(count, 9): the 3 x 3 ``values`` around a place of each number in ``ids``, which is one
    pixel smaller on each side."""
    height, width = ids.shape[1:]
    place = _examples(ids.flatten(), count)
    sample, rest = place // (height * width), place % (height * width)
    corner = (sample * (height + 2) + rest // width) * (width + 2) + rest % width
    steps = [y * (width + 2) + x for y in range(3) for x in range(3)]
    return values.flatten()[corner[:, None] + torch.tensor(steps, device=ids.device)]
