"""The geometric matching network: a thin-plate spline that lays the garment on the body.

VITON-HD, section 3.3; after Rocco et al., "Convolutional Neural Network Architecture for Geometric
Matching", 2017. Features of both pictures are compared everywhere with everywhere; from that a
small network tells how far each point of a 5 x 5 lattice moves.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

#: The lattice's lines, and how far the evaluated grid reaches (not to the picture's edges).
REACH = 0.9
SIDE = 5
POINTS = SIDE * SIDE
#: Features are a 16th of 256 x 192.
FEATURES = (16, 12)


def _features(inputs: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for outputs in (64, 128, 256, 512):
        layers += [nn.Conv2d(inputs, outputs, 4, 2, 1), nn.ReLU(), nn.BatchNorm2d(outputs)]
        inputs = outputs
    layers += [nn.Conv2d(512, 512, 3, 1, 1), nn.ReLU(), nn.BatchNorm2d(512)]
    layers += [nn.Conv2d(512, 512, 3, 1, 1), nn.ReLU()]
    return nn.Sequential(*layers)


class Extraction(nn.Module):
    """(N, C, 256, 192) -> (N, 512, 16, 12), each position of length 1."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.model = _features(inputs)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = F.normalize(self.model(x), dim=1, eps=1e-12)
        return found


class Regression(nn.Module):
    """Correlations to the lattice's offsets."""

    def __init__(self) -> None:
        super().__init__()
        height, width = FEATURES
        layers: list[nn.Module] = []
        inputs = height * width
        for outputs, size, stride in ((512, 4, 2), (256, 4, 2), (128, 3, 1), (64, 3, 1)):
            layers += [nn.Conv2d(inputs, outputs, size, stride, 1), nn.BatchNorm2d(outputs)]
            layers.append(nn.ReLU())
            inputs = outputs
        self.conv = nn.Sequential(*layers)
        self.linear = nn.Linear(64 * (height // 4) * (width // 4), 2 * POINTS)

    def forward(self, x: Tensor) -> Tensor:
        theta: Tensor = torch.tanh(self.linear(self.conv(x).flatten(1)))
        return theta


def correlate(a: Tensor, b: Tensor) -> Tensor:
    """(N, C, H, W) twice -> (N, W * H, H, W): channel x * H + y is a's (y, x), times each b."""
    every = a.transpose(2, 3).flatten(2)
    found = every.transpose(1, 2) @ b.flatten(2)
    return found.reshape(*found.shape[:2], *b.shape[2:])


def _bends(squared: Tensor) -> Tensor:
    """The spline's kernel r^2 ln r^2, 0 at 0."""
    return torch.where(squared == 0, 0.0, squared * torch.log(squared.clamp_min(1e-30)))


def lattice() -> Tensor:
    """(25, 2) control points; number 5 i + j lies at column i, row j."""
    lines = torch.linspace(-REACH, REACH, SIDE)
    return torch.cartesian_prod(lines, lines)


def basis(size: tuple[int, int]) -> Tensor:
    """(H * W, 28): what each pixel takes of the spline's 25 bends, and of 1, x and y."""
    height, width = size
    points = lattice()
    columns = torch.linspace(-REACH, REACH, width)
    found = torch.ones(height, width, POINTS + 3)
    across = (columns[:, None] - points[:, 0]).square()
    for row, y in zip(found, torch.linspace(-REACH, REACH, height), strict=True):
        row[:, :POINTS] = _bends(across + (y - points[:, 1]).square())
        row[:, POINTS + 1] = columns
        row[:, POINTS + 2] = y
    return found.flatten(0, 1)


def solver() -> Tensor:
    """(28, 25): from where the control points lie to the spline's 28 coefficients."""
    points = lattice().double()
    bends = _bends((points[:, None] - points[None]).square().sum(2))
    plane = torch.cat([torch.ones(POINTS, 1, dtype=torch.double), points], dim=1)
    system = torch.zeros(POINTS + 3, POINTS + 3, dtype=torch.double)
    system[:POINTS, :POINTS] = bends
    system[:POINTS, POINTS:] = plane
    system[POINTS:, :POINTS] = plane.T
    inverse: Tensor = torch.linalg.inv(system)
    return inverse[:, :POINTS].float()


def coefficients(theta: Tensor) -> Tensor:
    """(N, 50), 25 x offsets and 25 y offsets -> (N, 28, 2)."""
    moved = lattice().to(theta) + theta.reshape(-1, 2, POINTS).transpose(1, 2)
    return solver().to(theta) @ moved


class Matcher(nn.Module):
    """The network and its spline, for pictures of ``load_size`` (height, width)."""

    def __init__(self, load_size: tuple[int, int], *, remember: bool = True) -> None:
        """remember: keep the spline's basis, which is the same for every picture."""
        super().__init__()
        self.load_size, self._remember = load_size, remember
        self.extractionA = Extraction(7)  # the predicted garment 1, pose 3, agnostic picture 3
        self.extractionB = Extraction(3)  # the garment
        self.regression = Regression()
        self._basis: Tensor | None = None

    def forward(self, inputA: Tensor, inputB: Tensor) -> tuple[Tensor, Tensor]:
        """(N, 7, 256, 192), (N, 3, 256, 192) -> theta (N, 50), sampling grid (N, H, W, 2)."""
        theta = self.regression(correlate(self.extractionA(inputA), self.extractionB(inputB)))
        return theta, self.grid(theta)

    def grid(self, theta: Tensor) -> Tensor:
        """(N, 50) -> (N, H, W, 2), x and y in -1..1 of the garment's picture."""
        known = basis(self.load_size).to(theta) if self._basis is None else self._basis
        if self._remember:
            self._basis = known
        found = torch.stack([known @ one for one in coefficients(theta)])
        return found.view(-1, *self.load_size, 2)
