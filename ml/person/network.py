"""The person annotator's network: one picture of a person -> parse, joints, front layer, presence.

What the whole picture shows decides between alike garments: ``kinds`` says which of the 18 classes
occur at all, and every pixel's logits are lowered by its doubt (a lone dress is no skirt).

A residual U-Net of plain 3x3 convolutions (fast on CPUs, also in training; batch norms fuse away
for inference) with 6.4 M parameters. Its input is the photo scaled to fit :data:`CANVAS`, without
distortion, padded with :data:`PADDING` to multiples of :data:`STRIDE`::

    values = (rgb / 255 - INPUT_MEAN) / INPUT_STD      # float32, (N, 3, H, W)

A padded pixel of ``round(255 * INPUT_MEAN)`` is what it learnt as "outside the photo".
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, cast

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import interpolate, logsigmoid, pixel_shuffle
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ml.person.annotation import Atr, Joint

WEIGHTS = Path(__file__).resolve().parent.parent / "models" / "person_annotator.safetensors"
INPUT_MEAN = (0.55, 0.53, 0.51)
INPUT_STD = (0.27, 0.27, 0.27)
#: RGB of the padding around a photo that does not fill its canvas.
PADDING = (140, 135, 130)
#: Height and width are multiples of this.
STRIDE = 32
#: Height and width of the largest canvas in training; works best near this size.
CANVAS = (288, 224)
#: Input pixels per pixel of ``parse`` and ``front``, and of ``heatmaps``.
PARSE_STRIDE = 2
HEATMAP_STRIDE = 4
#: Columns of ``presence``: how many people (softmax over these three) ...
PEOPLE_NONE, PEOPLE_ONE, PEOPLE_SEVERAL = 0, 1, 2
PEOPLE = slice(0, 3)
#: ... and whether the person faces the camera or turns the back to it (softmax over these two).
FACING_FRONT, FACING_BACK = 3, 4
FACING = slice(3, 5)


class PersonOutput(NamedTuple):
    """All are logits, float32 or bfloat16 as the network runs.

    parse: (N, 18, H/2, W/2), softmax over :class:`~ml.person.annotation.Atr`. Upsample with
        ``interpolate(..., mode="bilinear", align_corners=False)``.
    heatmaps: (N, 18, H/4, W/4), sigmoid -> 0..1. The peak's place is the joint (pixel ``i`` is
        centred on input pixel ``4 * i + 1.5``), its height the confidence: a joint outside the
        picture or hidden has a low peak.
    front: (N, 1, H/2, W/2), sigmoid -> 0..1: bare arms and hands, hair, bags and scarves in
        front of the torso.
    presence: (N, 5), see :data:`PEOPLE` and :data:`FACING`.
    kinds: (N, 18), sigmoid -> the chance that a class occurs; already worked into ``parse``.
    """

    parse: Tensor
    heatmaps: Tensor
    front: Tensor
    presence: Tensor
    kinds: Tensor


class ConvNorm(nn.Module):
    """3x3 convolution and batch norm; the norm can be folded into the convolution."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.norm(self.conv(x)))

    def fuse(self) -> None:
        if isinstance(self.norm, nn.BatchNorm2d):
            self.conv = fuse_conv_bn_eval(self.conv, self.norm)
            self.norm = nn.Identity()


class Block(nn.Module):
    """Two convolutions around a shortcut."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = ConvNorm(width, width)
        self.second = ConvNorm(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.second(torch.relu(self.first(x))))


class Stage(nn.Module):
    """Half the resolution, then residual blocks."""

    def __init__(self, inputs: int, outputs: int, blocks: int) -> None:
        super().__init__()
        self.down = ConvNorm(inputs, outputs, stride=2)
        self.blocks = nn.Sequential(*(Block(outputs) for _ in range(blocks)))

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.blocks(torch.relu(self.down(x))))


class PersonNetwork(nn.Module):
    """See the module; ``forward`` documents shapes in :class:`PersonOutput`."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvNorm(3, 32, stride=2)
        self.stage1 = Stage(32, 48, 2)
        self.stage2 = Stage(48, 96, 2)
        self.stage3 = Stage(96, 192, 3)
        self.stage4 = Stage(192, 256, 2)
        self.context = nn.Linear(256, 256)  # what the whole picture says, given to every place
        self.up3 = ConvNorm(256 + 192, 128)
        self.up2 = ConvNorm(128 + 96, 96)
        self.up1 = ConvNorm(96 + 48, 64)
        self.refine = ConvNorm(64, 64)
        fine = PARSE_STRIDE * PARSE_STRIDE
        self.parse = nn.Conv2d(64, len(Atr) * fine, 3, 1, 1)
        self.front = nn.Conv2d(64, fine, 1)
        self.heatmaps = nn.Conv2d(64, len(Joint), 3, 1, 1)
        self.presence = nn.Linear(256, 5)
        self.kinds = nn.Linear(2 * 256, len(Atr))
        nn.init.constant_(cast(Tensor, self.heatmaps.bias), -4.0)  # joints are rare pixels

    def forward(self, images: Tensor) -> PersonOutput:
        """``images``: float32 (N, 3, H, W), H and W multiples of 32, normalised."""
        quarter = self.stage1(torch.relu(self.stem(images)))
        eighth = self.stage2(quarter)
        sixteenth = self.stage3(eighth)
        deep = self.stage4(sixteenth)
        whole = deep.mean((2, 3))
        kinds = self.kinds(torch.cat([whole, deep.amax((2, 3))], 1))
        deep = deep + self.context(whole)[:, :, None, None]
        x = _join(self.up3, deep, sixteenth)
        x = _join(self.up2, x, eighth)
        x = _join(self.up1, x, quarter)
        x = torch.relu(self.refine(x))
        return PersonOutput(
            parse=pixel_shuffle(self.parse(x), PARSE_STRIDE) + logsigmoid(kinds)[:, :, None, None],
            heatmaps=self.heatmaps(x),
            front=pixel_shuffle(self.front(x), PARSE_STRIDE),
            presence=self.presence(whole),
            kinds=kinds,
        )

    def fuse(self) -> PersonNetwork:
        """Fold the batch norms into the convolutions; for inference only."""
        self.eval()
        for module in self.modules():
            if isinstance(module, ConvNorm):
                module.fuse()
        return self


def _join(conv: nn.Module, deep: Tensor, skip: Tensor) -> Tensor:
    deep = interpolate(deep, size=skip.shape[-2:], mode="nearest")
    return torch.relu(conv(torch.cat([deep, skip], 1)))


def save(network: PersonNetwork, path: Path, metadata: dict[str, str] | None = None) -> None:
    """Write unfused weights as fp16 (batch statistics as fp32), replacing ``path`` at once."""
    tensors = {}
    for name, value in network.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        kept = torch.float32 if ".norm." in name else torch.float16
        tensors[name] = value.detach().cpu().to(kept).contiguous()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, metadata=metadata)
    partial.chmod(0o644)  # safetensors writes for its owner alone
    partial.replace(path)


def load_unfused(path: Path | str = WEIGHTS) -> PersonNetwork:
    """The weights as training needs them. Raises FileNotFoundError; RuntimeError on a misfit."""
    network = PersonNetwork()
    stored = {name: value.float() for name, value in load_file(path).items()}
    missing, unexpected = network.load_state_dict(stored, strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unexpected:
        raise RuntimeError(f"{path} does not fit: missing {missing}, unexpected {unexpected}")
    return network


def load(path: Path | str = WEIGHTS) -> PersonNetwork:
    """The network ready to run: eval mode, fused, channels last (give it channels-last input)."""
    network = load_unfused(path).fuse().requires_grad_(False)
    return channels_last(network)


def channels_last(network: PersonNetwork) -> PersonNetwork:
    """The memory order that convolutions on CPUs are fastest in."""
    for parameter in network.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return network
