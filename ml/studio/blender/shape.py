"""What a mannequin's body looks like, all parts together. Numpy only.

Proportions are those of adults (ISO 7250 means), slightly elongated as shop mannequins are: 7.6
heads tall. Trunk widths are solved so that bust, waist and hip have the girths asked for.
"""

from __future__ import annotations

from ml.studio.blender.face import head, neck
from ml.studio.blender.limbs import arms, feet, hands
from ml.studio.blender.sdf import Field
from ml.studio.blender.spec import Spec
from ml.studio.blender.trunk import girth_factors, legs, trunk


def field(spec: Spec) -> Field:
    """The whole body in its rest pose, groups: trunk, head, left_arm, right_leg, ..."""
    factors = girth_factors(spec)
    parts = [*trunk(spec, factors), *legs(spec, factors[2]), *neck(spec), *head(spec)]
    return Field(tuple(parts + arms(spec) + hands(spec) + feet(spec)))
