"""The student's network: a person and a cut-out garment -> the person dressed.

Two encoders, a flow that is refined from 8 x 6 to 32 x 24 cells (each step sees the garment's
features where the step before put them), and a small U-Net that decides what is shown: the warped
garment, the person, or pixels of its own. After PF-AFN (Ge et al. 2021) and DM-VTON (Nguyen-Ngoc et
al. 2023): nothing but pictures goes in. Depthwise convolutions keep the finer levels cheap.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, cast

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import grid_sample, interpolate, pixel_shuffle
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ml.garment.annotation import Region
from ml.person.network import Block, ConvNorm
from ml.tryon.student.frames import SIZE
from ml.weights import BadCheckpoint

#: Channels of an encoder's features with 32, 16 and 8 rows.
PERSON = (64, 112, 144)
GARMENT = (48, 80, 112)
HIDDEN = (56, 64)  # of the flow: 32, 16 rows
PAINTED = (32, 64, 96)  # of the painter: 64, 32, 16 rows
#: Rows of cells that a picture is cut into when it comes in, and that it goes out as: whatever its
#: size, no layer is finer, and all layers between are the same.
INSIDE, OUTSIDE = 32, 64
#: Numbers that the first look at both pictures says to every place.
WORD = 64
COARSE = (8, 6)
#: Planes that the painter tells: light, shown, edit, three colours.
TOLD = 6
#: Order of the planes that say what kind of garment it is.
REGIONS = (Region.UPPER, Region.LOWER, Region.DRESS, Region.OUTER)
#: The garment may be shown up to exp(this) times brighter or darker.
LIGHTEST = 0.9


class Features(NamedTuple):
    """With 32, 16 and 8 rows."""

    fine: Tensor
    middle: Tensor
    coarse: Tensor


class Flow(NamedTuple):
    """grids: (N, 2, h, w), coarse to fine: where in the garment's picture (x, y in -1..1, as
    ``grid_sample`` has them) each cell looks. hidden: what the painter hears, fine to coarse."""

    grids: tuple[Tensor, ...]
    hidden: tuple[Tensor, ...]


class Worn(NamedTuple):
    """Planes of (N, C, H, W), all in 0..1 but ``light``.

    shown, edit: logits: the garment is seen; the person is changed. painted: what is seen where
    neither the person nor the garment is. light: factor on the garment's colours. cover: what of
    the warped garment is fabric. dressed: all together.
    """

    warped: Tensor
    cover: Tensor
    light: Tensor
    shown: Tensor
    edit: Tensor
    painted: Tensor
    dressed: Tensor


class Light(nn.Module):
    """A depthwise and a pointwise convolution, around a shortcut where sizes allow."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.depth = nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs, bias=False)
        self.point = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(outputs)
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        made = self.norm(self.point(self.depth(x)))
        return torch.relu(x + made if self.shortcut else made)

    def fuse(self) -> None:
        if isinstance(self.norm, nn.BatchNorm2d):
            self.point = fuse_conv_bn_eval(self.point, self.norm)
            self.norm = nn.Identity()


class Encoder(nn.Module):
    def __init__(self, inputs: int, widths: tuple[int, int, int], patch: int) -> None:
        super().__init__()
        first, second, third = widths
        self.stem = nn.Conv2d(inputs, first, patch, patch)
        self.fine = nn.Sequential(*(Light(first, first) for _ in range(3)))
        self.middle = nn.Sequential(
            Light(first, second, 2), Light(second, second), Light(second, second)
        )
        self.coarse = nn.Sequential(ConvNorm(second, third, 2), nn.ReLU(), Block(third))

    def forward(self, x: Tensor) -> Features:
        fine = self.fine(torch.relu(self.stem(x)))
        middle = self.middle(fine)
        return Features(fine, middle, self.coarse(middle))


class Layout(nn.Module):
    """Where things lie in both pictures, seen whole: a first flow, and a word for each place."""

    def __init__(self, spoken: int = 12, known: int = 256) -> None:
        super().__init__()
        cells = COARSE[0] * COARSE[1]
        self.person = nn.Conv2d(PERSON[2], spoken, 1)
        self.garment = nn.Conv2d(GARMENT[2], spoken, 1)
        self.know = nn.Linear(2 * spoken * cells, known)
        self.flow = nn.Linear(known, 2 * cells)
        self.word = nn.Linear(known, WORD)
        nn.init.zeros_(self.flow.weight)
        nn.init.zeros_(self.flow.bias)

    def forward(self, person: Tensor, garment: Tensor) -> tuple[Tensor, Tensor]:
        seen = torch.cat([self.person(person), self.garment(garment)], 1).flatten(1)
        known = torch.relu(self.know(seen))
        flow = self.flow(known).view(-1, 2, *COARSE)
        return identity(COARSE, flow) + flow, self.word(known)


class Refine(nn.Module):
    """One step finer: looks at the garment where the last step said, and corrects it."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.mix = nn.Conv2d(inputs, hidden, 1)
        self.think = nn.Sequential(Light(hidden, hidden), Light(hidden, hidden))
        self.change = nn.Conv2d(hidden, 2, 3, 1, 1)
        nn.init.zeros_(self.change.weight)
        nn.init.zeros_(cast(Tensor, self.change.bias))

    def forward(
        self, person: Tensor, garment: Tensor, grid: Tensor, before: Tensor
    ) -> tuple[Tensor, Tensor]:
        size = person.shape[-2:]
        grid, before = enlarged(grid, size), enlarged(before, size)
        there = looked_up(garment, grid)
        hidden = self.think(torch.relu(self.mix(torch.cat([person, there, before, grid], 1))))
        # A step corrects by fractions of its own cells, whatever their number.
        return grid + self.change(hidden) * (4.0 / size[0]), hidden


class Painter(nn.Module):
    """What is seen where."""

    def __init__(self, patch: int) -> None:
        super().__init__()
        finest, fine, middle = PAINTED
        self.patch = patch
        self.look = nn.Conv2d(7, finest, patch, patch)
        self.finest = Light(finest, finest)
        self.down = Light(finest, fine, 2)
        self.mix = nn.Conv2d(fine + PERSON[0] + HIDDEN[0], fine, 1)
        self.fine = Light(fine, fine)
        self.down_again = Light(fine, middle, 2)
        self.mix_again = nn.Conv2d(middle + HIDDEN[1], middle, 1)
        self.middle = nn.Sequential(
            Light(middle, middle), Light(middle, middle), Light(middle, fine)
        )
        self.up = nn.Sequential(Light(fine, fine), Light(fine, finest))
        self.up_again = nn.Sequential(Light(finest, finest), Light(finest, finest))
        self.tell = nn.Conv2d(finest, TOLD * patch * patch, 3, 1, 1)

    def forward(self, seen: Tensor, person: Features, flow: Flow) -> Tensor:
        """seen: person, warped garment and its cover, (N, 7, H, W). Returns (N, 6, H, W)."""
        finest = self.finest(torch.relu(self.look(seen)))
        fine = torch.cat([self.down(finest), person.fine, flow.hidden[0]], 1)
        fine = self.fine(torch.relu(self.mix(fine)))
        middle = torch.cat([self.down_again(fine), flow.hidden[1]], 1)
        middle = self.middle(torch.relu(self.mix_again(middle)))
        x = self.up(fine + enlarged(middle, fine.shape[-2:]))
        x = self.up_again(finest + enlarged(x, finest.shape[-2:]))
        return pixel_shuffle(self.tell(x), self.patch)


class Student(nn.Module):
    """size: (height, width) of its pictures, multiples of 64 x 48."""

    def __init__(self, size: tuple[int, int] = SIZE) -> None:
        super().__init__()
        self.size = size
        patch = size[0] // INSIDE
        if size[0] % OUTSIDE or size[1] * 4 != size[0] * 3:
            raise ValueError(f"sizes are multiples of (64, 48), not {size}")
        self.of_person = Encoder(3, PERSON, patch)
        self.of_garment = Encoder(4 + len(REGIONS), GARMENT, patch)
        self.layout = Layout()
        self.refine_middle = Refine(PERSON[1] + GARMENT[1] + 2 + WORD, HIDDEN[1])
        self.refine_fine = Refine(PERSON[0] + GARMENT[0] + 2 + HIDDEN[1], HIDDEN[0])
        self.painter = Painter(size[0] // OUTSIDE)

    def forward(self, person: Tensor, garment: Tensor, mask: Tensor, region: Tensor) -> Worn:
        """person, garment: (N, 3, H, W) in 0..1, the garment on white. mask: (N, 1, ...) in
        0..1. region: (N, 4) of 0 and 1 in the order of :data:`REGIONS`."""
        features = self.see_person(person)
        return self.wear(person, garment, mask, features, self.flow(
            features, self.see_garment(garment, mask, region)))  # fmt: skip

    def see_person(self, person: Tensor) -> Features:
        return cast(Features, self.of_person(person * 2 - 1))

    def see_garment(self, garment: Tensor, mask: Tensor, region: Tensor) -> Features:
        planes = region[:, :, None, None].expand(-1, -1, *mask.shape[-2:])
        return cast(Features, self.of_garment(torch.cat([garment * 2 - 1, mask, planes], 1)))

    def flow(self, person: Features, garment: Features) -> Flow:
        first, word = self.layout(person.coarse, garment.coarse)
        spoken = word[:, :, None, None].expand(-1, -1, *COARSE)
        second, middle = self.refine_middle(person.middle, garment.middle, first, spoken)
        third, fine = self.refine_fine(person.fine, garment.fine, second, middle)
        return Flow((first, second, third), (fine, middle))

    def wear(
        self, person: Tensor, garment: Tensor, mask: Tensor, features: Features, flow: Flow
    ) -> Worn:
        grid = enlarged(flow.grids[-1], person.shape[-2:])
        warped = looked_up(garment, grid, padding="border")
        cover = looked_up(mask, grid)
        told = self.painter(torch.cat([person * 2 - 1, warped * 2 - 1, cover], 1), features, flow)
        light = torch.exp(LIGHTEST * torch.tanh(told[:, :1]))
        shown, edit, painted = told[:, 1:2], told[:, 2:3], torch.sigmoid(told[:, 3:6])
        seen = torch.sigmoid(shown) * cover
        new = (warped * light).clamp(0, 1) * seen + painted * (1 - seen)
        changed = torch.sigmoid(edit)
        dressed = person * (1 - changed) + new * changed
        return Worn(warped, cover, light, shown, edit, painted, dressed)

    def fuse(self) -> Student:
        """Fold the batch norms into the convolutions; for inference only."""
        self.eval()
        for module in self.modules():
            if isinstance(module, ConvNorm | Light):
                module.fuse()
        return self


def identity(size: tuple[int, int], like: Tensor) -> Tensor:
    """The grid that changes nothing, (1, 2, h, w)."""
    down = (torch.arange(size[0], device=like.device, dtype=like.dtype) + 0.5) * 2 / size[0] - 1
    across = (torch.arange(size[1], device=like.device, dtype=like.dtype) + 0.5) * 2 / size[1] - 1
    y, x = torch.meshgrid(down, across, indexing="ij")
    return torch.stack([x, y])[None]


def enlarged(x: Tensor, size: tuple[int, ...]) -> Tensor:
    return interpolate(x, size=tuple(size), mode="bilinear", align_corners=False)


def looked_up(features: Tensor, grid: Tensor, padding: str = "zeros") -> Tensor:
    return grid_sample(
        features,
        grid.permute(0, 2, 3, 1).to(features.dtype),
        mode="bilinear",
        padding_mode=padding,
        align_corners=False,
    )


def grown(network: Student, size: tuple[int, int]) -> Student:
    """A copy for pictures twice as large, which begins by making of them what this one makes of
    their halves: an encoder's patch sees means of pixels, the painter tells the same for four."""
    larger = Student(size)
    stems = ("of_person.stem.weight", "of_garment.stem.weight", "painter.look.weight")
    state = dict(network.state_dict())
    by = size[0] // network.size[0]
    for name in stems:
        kernel = state[name].repeat_interleave(by, 2).repeat_interleave(by, 3)
        state[name] = kernel / by**2
    patch = network.painter.patch
    for name in ("painter.tell.weight", "painter.tell.bias"):
        told = state[name].unflatten(0, (TOLD, patch, patch))
        told = told.repeat_interleave(by, 1).repeat_interleave(by, 2)
        state[name] = told.flatten(0, 2)
    larger.load_state_dict(state)
    return larger


def save(network: Student, path: Path, metadata: Mapping[str, str] | None = None) -> None:
    """Unfused, fp16 (batch statistics fp32), replacing ``path`` at once."""
    tensors = {}
    for name, value in network.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            kept = torch.float32 if ".running_" in name else torch.float16
            tensors[name] = value.detach().cpu().to(kept).contiguous()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, metadata=dict(metadata or {}))
    partial.chmod(0o644)  # safetensors writes for its owner alone
    partial.replace(path)


def load_unfused(path: Path) -> Student:
    """As training needs it; the weights tell the size. Raises OSError; BadCheckpoint."""
    stored = {name: value.float() for name, value in load_file(path).items()}
    stem = stored.get("of_person.stem.weight")
    if stem is None:
        raise BadCheckpoint(f"{path.name} holds no student")
    rows = INSIDE * stem.shape[-1]
    try:
        network = Student((rows, rows * 3 // 4))
        missing, unexpected = network.load_state_dict(stored, strict=False)
    except (RuntimeError, ValueError) as error:
        raise BadCheckpoint(f"{path.name} holds another kind of student") from error
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unexpected:
        raise BadCheckpoint(f"{path.name} holds another kind of student: {missing + unexpected}")
    return network


def channels_last(network: Student) -> Student:
    """The memory order that convolutions on CPUs are fastest in."""
    for parameter in network.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return network
