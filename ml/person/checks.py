"""Can this photo be dressed? What stands in the way, named so that the person can mend it.

The thresholds were set on the validation photos of Clothing Co-Parsing, of which at most one in
twenty may be refused, and on copies of them that were darkened, blurred, shrunk and cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ml import errors
from ml.garment.annotation import Region
from ml.images import RGB
from ml.person import measures, stance
from ml.person.annotation import PersonAnnotation
from ml.person.look import Look

#: Brightness (0..255) of the lightest 5 %: ordinary photos reach 180, dusk about 100. Below the
#: first no cloth's colour can be told any more; below the second the result looks odd.
DARK, DIM = 60.0, 90.0
#: Blur (0..1): sharp photos have 0.2 to 0.43. The first is what a Gaussian of 2 % of the torso's
#: length does (1 cm on the body), the second half of it.
BLURRED, SOFT = 0.70, 0.58
#: The torso's length in pixels: at 48 the whole person is 160 pixels high, a thumbnail. A person
#: 600 pixels high has 180.
TINY, LITTLE = 48.0, 110.0
#: Share of the torso or the thighs behind arms and bags. One hand on the hip covers 0.05, crossed
#: arms 0.3 (they can be drawn in front of new clothes); at 0.42 hardly any new cloth would show.
HIDDEN, PARTLY = 0.42, 0.24
#: Share of chest, hips and thighs in the colour of the person's own skin; beige dresses on bare
#: legs stay below.
BARE = 0.85

_TOPS = (Region.UPPER, Region.DRESS, Region.OUTER)
_ERRORS: Mapping[str, type[errors.InputError]] = {
    kind.code: kind
    for kind in (
        errors.NoPerson,
        errors.ManyPeople,
        errors.BackView,
        errors.CutOff,
        errors.ArmsCover,
        errors.TooDark,
        errors.Blurry,
        errors.PersonTooSmall,
        errors.NotClothed,
    )
}
_SENTENCES: Mapping[str, str] = {
    "no_person": "nobody was found in the photo",
    "many_people": "several people are in the photo",
    "back_view": "the person is seen from behind or from the side",
    "cut_off": "outside the photo: {parts}",
    "arms_cover": "arms or a bag cover the clothes",
    "too_dark": "the photo is too dark",
    "blurry": "the photo is blurred",
    "too_small": "the person is too small in the photo",
    "not_clothed": "the person wears too little",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """code: as in :mod:`ml.errors`. parts: body parts that it concerns (``cut_off``)."""

    code: str
    parts: tuple[str, ...] = ()

    def __str__(self) -> str:
        return _SENTENCES[self.code].format(parts=", ".join(self.parts))

    def error(self) -> errors.InputError:
        """The same as an exception of :mod:`ml.errors`."""
        return _ERRORS[self.code](str(self))


@dataclass(frozen=True, slots=True)
class Findings:
    """fatal: nothing can be worn. by_region: what cannot be worn, and why (every region where
    there is a fatal problem). advice: worth telling although it refuses nothing."""

    fatal: Problem | None
    by_region: Mapping[Region, Problem]
    advice: tuple[Problem, ...] = ()


#: What is said of a photo that nobody judged, or that nothing is wrong with.
FINE = Findings(None, MappingProxyType({}))


def check(photo: RGB, look: Look) -> Findings:
    """Judge a photo, (H, W, 3), by what was seen in it."""
    fatal = _fatal(photo, look)
    if fatal is not None:
        return Findings(fatal, MappingProxyType(dict.fromkeys(Region, fatal)))
    person = look.annotation
    by_region: dict[Region, Problem] = {}
    top, bottom = measures.covered(person, "upper"), measures.covered(person, "lower")
    if top > HIDDEN:
        by_region |= dict.fromkeys(_TOPS, Problem("arms_cover"))
    if bottom > HIDDEN:
        by_region[Region.LOWER] = Problem("arms_cover")
    below = _missing_below(person)
    if below:
        by_region[Region.LOWER] = Problem("cut_off", below)
    if "knees" in below:
        by_region[Region.DRESS] = Problem("cut_off", below)
    return Findings(None, MappingProxyType(by_region), _advice(photo, person, max(top, bottom)))


def _fatal(photo: RGB, look: Look) -> Problem | None:
    """What makes a photo useless for any garment; what is easiest to mend is told last."""
    person = look.annotation
    if look.people > 1:
        return Problem("many_people")
    if measures.brightness(photo, person) < DARK:
        return Problem("too_dark")
    missing = _missing_trunk(person)
    if missing:
        return Problem("cut_off", missing)
    if look.facing != "front":
        return Problem("back_view")
    if measures.torso_length(person) < TINY:
        return Problem("too_small")
    if measures.blur(photo, person) > BLURRED:
        return Problem("blurry")
    if measures.bare(photo, person) > BARE:
        return Problem("not_clothed")
    return None


def _advice(photo: RGB, person: PersonAnnotation, hidden: float) -> tuple[Problem, ...]:
    found = []
    if measures.brightness(photo, person) < DIM:
        found.append(Problem("too_dark"))
    if measures.blur(photo, person) > SOFT:
        found.append(Problem("blurry"))
    if measures.torso_length(person) < LITTLE:
        found.append(Problem("too_small"))
    if PARTLY < hidden <= HIDDEN:
        found.append(Problem("arms_cover"))
    return tuple(found)


def _missing_trunk(person: PersonAnnotation) -> tuple[str, ...]:
    """Every garment hangs from the shoulders or the hips, and is measured by both."""
    seen = stance.seen(person)
    pairs = (("shoulders", stance.SHOULDERS), ("hips", stance.HIPS))
    return tuple(name for name, pair in pairs if not seen[list(pair)].all())


def _missing_below(person: PersonAnnotation) -> tuple[str, ...]:
    """Trousers need both knees and a foot; a dress may end below the photo's edge."""
    seen = stance.seen(person)
    if not seen[list(stance.KNEES)].all():
        return ("knees", "feet")
    return () if seen[list(stance.ANKLES)].any() else ("feet",)
