"""Fitting models in the admin: photo alone or with files, points, acceptance, list, deleting."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from fittingroom import dispatch
from fittingroom.curation import services
from fittingroom.models import FittingModel, TryOn
from tests import drawings
from tests.drawings import encode
from tests.factories import FittingModelFactory, TryOnFactory, UserFactory

pytestmark = pytest.mark.django_db

MODELS = "/en/admin/fittingroom/fittingmodel/"
State = FittingModel.State


@pytest.fixture
def merchant(client: Client) -> Client:
    client.force_login(UserFactory(is_staff=True, groups=["Merchants"]))
    return client


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What was handed to the broker, instead of a broker."""
    taken: list[int] = []
    monkeypatch.setattr(dispatch, "send_fitting_models", lambda pks: taken.extend(pks) or len(pks))
    return taken


def upload(data: bytes, name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def photo(colour: str = "red", size: tuple[int, int] = (300, 400)) -> SimpleUploadedFile:
    return upload(encode(Image.new("RGB", size, colour), "JPEG"), "x.jpg")


def form(**changed: Any) -> dict[str, Any]:
    return {
        "slug": "mina",
        "name_ko": "미나",
        "name_en": "Mina",
        "gender": "women",
        "height_cm": 168,
        "size_worn": "S",
        "body_ko": "",
        "body_en": "",
        "active": "on",
        "position": 0,
        "photo": upload(drawings.person_photo(), "me.jpg"),
        "parse": upload(drawings.person_parse(), "me.png"),
        "keypoints": json.dumps(drawings.KEYPOINTS),
    } | changed


def without(*names: str, **changed: Any) -> dict[str, Any]:
    return {name: value for name, value in form(**changed).items() if name not in names}


def points(number: int, point: Any) -> str:
    return json.dumps([*drawings.KEYPOINTS[:number], point, *drawings.KEYPOINTS[number + 1 :]])


def errors_of(response: Any) -> dict[str, Any]:
    assert response.status_code == 200
    errors: dict[str, Any] = response.context["adminform"].form.errors
    return errors


def page(model: FittingModel) -> str:
    return f"{MODELS}{model.pk}/change/"


# --- what comes in ----------------------------------------------------------------------------


def test_with_its_files_a_person_is_there_at_once(merchant: Client, sent: list[int]) -> None:
    response = merchant.post(f"{MODELS}add/", form())

    assert response.status_code == 302, response.context["adminform"].form.errors
    model = FittingModel.objects.get()
    assert (model.state, model.active, model.annotation_source) == (State.ACCEPTED, True, "given")
    assert (model.width, model.height) == drawings.PERSON_SIZE
    assert "me" not in model.photo.name
    assert model.keypoints == drawings.KEYPOINTS
    with model.parse.open() as file, Image.open(file) as kept:
        assert kept.tobytes() == Image.open(io.BytesIO(drawings.person_parse())).tobytes()
    assert sent == []


def test_a_photo_alone_goes_to_the_annotator(
    merchant: Client, sent: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = merchant.post(f"{MODELS}add/", without("parse", keypoints=""), follow=True)

    model = FittingModel.objects.get()
    assert (model.state, model.active, model.annotation_source) == (State.NEW, False, "network")
    assert sent == [model.pk]
    assert response.redirect_chain[-1][0] == page(model)
    assert "being annotated" in response.text
    assert f'data-annotating="{MODELS}{model.pk}/state/"' in response.text
    assert 'name="_accept"' not in response.text
    assert merchant.get(f"{MODELS}{model.pk}/state/").json() == {"state": "new"}


@pytest.mark.parametrize(
    ("changed", "field", "complaint"),
    [
        ({"photo": upload(b"%PDF-1.7", "me.jpg")}, "photo", "not a JPEG"),
        ({"parse": upload(b"%PDF-1.7", "me.png")}, "parse", "not a readable PNG"),
        ({"parse": upload(drawings.person_photo(), "me.png")}, "parse", "not a readable PNG"),
        (
            {"parse": upload(encode(Image.new("P", (240, 321), 4)), "me.png")},
            "parse",
            "240 × 321 pixels, the photo 240 × 320",
        ),
        (
            {"parse": upload(encode(Image.new("RGB", (240, 320))), "me.png")},
            "parse",
            "palette or 8-bit grey",
        ),
        (
            {"parse": upload(encode(Image.linear_gradient("L").resize((240, 320))), "me.png")},
            "parse",
            "the highest is 17",
        ),
        (
            {"parse": upload(encode(Image.new("L", (240, 320), 0)), "me.png")},
            "parse",
            "shows nobody",
        ),
        ({"parse": ""}, "parse", "Give both"),
        ({"keypoints": ""}, "keypoints", "Give both"),
        ({"keypoints": "[[1, 2, 1]]"}, "keypoints", "Give 18 points."),
        ({"keypoints": points(2, [1, 2])}, "keypoints", "Point 2 (r_shoulder)"),
        ({"keypoints": points(2, [1, "x", 1])}, "keypoints", "Point 2 (r_shoulder)"),
        ({"keypoints": points(2, [1, 2, 7])}, "keypoints", "Point 2 (r_shoulder)"),
        ({"keypoints": json.dumps([[0, 0, 0]] * 18)}, "keypoints", "No point is visible."),
        ({"keypoints": "[[NaN"}, "keypoints", "valid JSON"),
        ({"height_cm": 20}, "height_cm", "greater than or equal to 80"),
    ],
)
def test_what_does_not_fit_is_refused(
    merchant: Client, changed: dict[str, Any], field: str, complaint: str
) -> None:
    for value in changed.values():
        if hasattr(value, "seek"):
            value.seek(0)

    response = merchant.post(f"{MODELS}add/", form(**changed))

    assert complaint in " ".join(errors_of(response)[field])
    assert not FittingModel.objects.exists()


# --- what is changed --------------------------------------------------------------------------


def test_a_new_photo_starts_over(
    merchant: Client, sent: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    model = FittingModelFactory()
    before = [model.photo.name, model.parse.name]

    with django_capture_on_commit_callbacks(execute=True):
        merchant.post(page(model), without("parse", photo=photo()))

    model.refresh_from_db()
    assert (model.state, model.active, model.width) == (State.NEW, False, 300)
    assert (model.parse.name, model.keypoints) == ("", None)
    assert not any(default_storage.exists(name) for name in before)
    assert sent == [model.pk]


def test_a_new_photo_with_one_old_half_is_refused(merchant: Client) -> None:
    model = FittingModelFactory()

    response = merchant.post(page(model), form(photo=photo()))

    assert "Give both" in str(errors_of(response)["keypoints"])
    model.refresh_from_db()
    assert model.state == State.ACCEPTED


def test_saving_names_alone_leaves_the_files(merchant: Client, sent: list[int]) -> None:
    model = FittingModelFactory()

    assert merchant.post(page(model), without("parse", "photo")).status_code == 302

    again = FittingModel.objects.get()
    assert (again.photo.name, again.parse.name) == (model.photo.name, model.parse.name)
    assert (again.name_en, again.state, again.annotation_source) == ("Mina", "accepted", "given")
    assert sent == []


def test_leaving_the_points_out_takes_none_away(merchant: Client) -> None:
    """A page that was opened before the worker answered has none to send."""
    model = FittingModelFactory(annotated=True)

    merchant.post(page(model), without("parse", "photo", "active", keypoints=""))

    model.refresh_from_db()
    assert (model.state, model.keypoints) == (State.ANNOTATED, drawings.KEYPOINTS)


def test_dragged_points_are_accepted_with_one_press(merchant: Client) -> None:
    model = FittingModelFactory(annotated=True)
    text = merchant.get(page(model)).text
    assert 'name="_accept"' in text
    assert f"{MODELS}{model.pk}/classes.png" in text
    moved = without("parse", "photo", "active", keypoints=points(4, [90, 170, 1]), _accept="1")

    assert merchant.post(page(model), moved | {"seen_attempt": 1}).status_code == 302

    model.refresh_from_db()
    assert (model.state, model.active) == (State.ACCEPTED, True)
    assert model.annotation_source == "corrected"
    assert model.keypoints[4] == [90, 170, 1]


def test_saving_a_correction_accepts_nothing(merchant: Client) -> None:
    model = FittingModelFactory(annotated=True)

    merchant.post(page(model), without("parse", "photo", keypoints=points(4, [90, 170, 1])))

    model.refresh_from_db()
    assert (model.state, model.active) == (State.ANNOTATED, False)
    assert model.annotation_source == "corrected"


def test_a_correction_of_an_old_page_is_refused(merchant: Client) -> None:
    model = FittingModelFactory(annotated=True)
    services.annotate_again(model=model)
    FittingModel.objects.update(state=State.ANNOTATED)
    late = without("parse", "photo", keypoints=points(4, [90, 170, 1]), seen_attempt=1)

    for pressed in ({}, {"_accept": "1"}):
        response = merchant.post(page(model), late | pressed)
        assert "annotated again meanwhile" in str(errors_of(response))

    model.refresh_from_db()
    assert (model.state, model.keypoints) == (State.ANNOTATED, drawings.KEYPOINTS)


def test_nothing_can_be_accepted_while_a_worker_looks(merchant: Client) -> None:
    model = FittingModelFactory(annotated=True)
    services.annotate_again(model=model)
    dragged = without("parse", "photo", keypoints=points(4, [90, 170, 1]), _accept="1")

    late = merchant.post(page(model), dragged | {"seen_attempt": 1})
    assert "annotated again meanwhile" in str(errors_of(late))
    forged = merchant.post(page(model), dragged | {"seen_attempt": 2})
    assert "no annotation to accept yet" in str(errors_of(forged))

    model.refresh_from_db()
    assert (model.state, model.keypoints) == (State.NEW, drawings.KEYPOINTS)


def test_a_photo_that_is_being_looked_at_can_be_replaced(merchant: Client) -> None:
    model = FittingModelFactory(bare=True)
    text = merchant.get(page(model)).text
    assert "data-points" not in text
    FittingModel.objects.update(attempt=1)  # a worker has begun

    merchant.post(page(model), without("parse", "keypoints", photo=photo(), seen_attempt=0))

    model.refresh_from_db()
    assert (model.state, model.width, model.attempt) == (State.NEW, 300, 2)


def test_left_and_right_of_the_parse_change_places(merchant: Client) -> None:
    model = FittingModelFactory(annotated=True)
    before = model.parse.name
    with Image.open(io.BytesIO(drawings.person_parse())) as parse:
        arms = [parse.getpixel((78, 130)), parse.getpixel((162, 130))]

    merchant.post(page(model), without("parse", "photo", swap_parse="on"))

    model.refresh_from_db()
    assert model.parse.name != before
    with model.parse.open() as file, Image.open(file) as kept:
        assert [kept.getpixel((78, 130)), kept.getpixel((162, 130))] == arms[::-1]
        assert kept.getpixel((120, 130)) == 4
    assert model.annotation_source == "corrected"
    assert model.keypoints == drawings.KEYPOINTS


def test_what_the_annotator_did_not_find_is_given_by_hand(merchant: Client) -> None:
    model = FittingModelFactory(bare=True, state="failed", failure="no weights")
    text = merchant.get(page(model)).text
    assert "no weights" in text
    assert 'name="_accept"' not in text
    stand_in = merchant.get(page(model)).context["adminform"].form.initial["keypoints"]
    same = without("parse", "photo", "active", keypoints=json.dumps(stand_in))

    merchant.post(page(model), same)  # the points to begin with are nobody's
    model.refresh_from_db()
    assert (model.state, model.keypoints) == (State.FAILED, None)

    alone = merchant.post(page(model), same | {"keypoints": json.dumps(drawings.KEYPOINTS)})
    assert "Give both" in str(errors_of(alone)["parse"])

    merchant.post(page(model), without("photo", "active"))
    model.refresh_from_db()
    assert (model.state, model.active, model.annotation_source) == ("accepted", False, "given")


def test_a_refused_person_can_be_accepted_all_the_same(merchant: Client) -> None:
    fatal = {"fatal": {"code": "cut_off", "parts": ["knees", "feet"]}, "regions": {}, "advice": []}
    model = FittingModelFactory(annotated=True, state="refused", findings=fatal)
    assert (
        "Outside the frame: knees, feet: the photo does not fit." in merchant.get(page(model)).text
    )

    merchant.post(page(model), without("parse", "photo", "active", _accept="1", seen_attempt=1))

    model.refresh_from_db()
    assert (model.state, model.active, model.annotation_source) == ("accepted", True, "network")


def test_the_pages_own_buttons(
    merchant: Client, sent: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    model = FittingModelFactory()

    def press(name: str) -> tuple[str, bool]:
        with django_capture_on_commit_callbacks(execute=True):
            assert merchant.post(page(model), {name: "1"}).url == page(model)
        model.refresh_from_db()
        return model.state, model.active

    assert press("_deactivate") == ("accepted", False)
    assert press("_activate") == ("accepted", True)
    assert press("_annotate") == ("new", False)
    assert sent == [model.pk]
    assert press("_activate") == ("new", False)


def test_who_may_only_look_presses_nothing() -> None:
    model = FittingModelFactory(annotated=True)
    client = Client()
    viewer = UserFactory(is_staff=True)
    viewer.user_permissions.add(*_permissions("view_fittingmodel"))
    client.force_login(viewer)

    text = client.get(page(model)).text
    assert "_accept" not in text
    assert "<textarea" not in text
    for data in ({"_annotate": "1"}, without("parse", "photo", _accept="1")):
        assert client.post(page(model), data).status_code == 403
    model.refresh_from_db()
    assert model.state == State.ANNOTATED


def _permissions(*codenames: str) -> Any:
    from django.contrib.auth.models import Permission

    return Permission.objects.filter(codename__in=codenames)


# --- pictures ---------------------------------------------------------------------------------


def test_the_overlay_shows_classes_and_skeleton(merchant: Client) -> None:
    model = FittingModelFactory()

    response = merchant.get(f"{MODELS}{model.pk}/overlay.png")

    assert response["Content-Type"] == "image/png"
    assert "no-store" in response["Cache-Control"]
    with Image.open(io.BytesIO(response.content)) as shown:
        shown.load()
    plain = Image.open(io.BytesIO(drawings.person_photo())).convert("RGB")
    assert shown.size == plain.size
    x, y, _ = drawings.KEYPOINTS[2]
    assert shown.getpixel((x, y)) == (255, 80, 60)  # the right shoulder
    x, y, _ = drawings.KEYPOINTS[5]
    assert shown.getpixel((x, y)) == (60, 140, 255)  # the left one
    assert shown.getpixel((5, 5)) == plain.getpixel((5, 5))  # the wall
    assert shown.getpixel((100, 150)) != plain.getpixel((100, 150))  # the clothes


def test_the_classes_lie_over_the_photo(merchant: Client) -> None:
    url = f"{MODELS}{FittingModelFactory().pk}/classes.png"

    shown, swapped = (
        Image.open(io.BytesIO(merchant.get(address).content)).convert("RGBA")
        for address in (url, f"{url}?swapped=1")
    )

    assert shown.size == drawings.PERSON_SIZE
    assert shown.getpixel((5, 5))[3] == 0
    right_arm, left_arm = shown.getpixel((78, 130)), shown.getpixel((162, 130))
    assert right_arm != left_arm
    assert right_arm[3] == 255
    assert (swapped.getpixel((78, 130)), swapped.getpixel((162, 130))) == (left_arm, right_arm)


def test_a_picture_without_its_file_is_missing_and_the_page_still_opens(merchant: Client) -> None:
    broken, bare = FittingModelFactory(), FittingModelFactory(bare=True)
    default_storage.delete(broken.parse.name)

    for model in (broken, bare):
        for name in ("overlay.png", "classes.png"):
            assert merchant.get(f"{MODELS}{model.pk}/{name}").status_code == 404
        assert merchant.get(page(model)).status_code == 200
    assert merchant.get(f"{MODELS}999/overlay.png").status_code == 404


# --- the list ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("?state=review", {"found", "refused"}),
        ("?state=accepted", {"there"}),
        ("?state=new", {"bare"}),
        ("?active__exact=1", {"there"}),
        ("?gender__exact=men", {"refused"}),
        ("?height=160-169", {"bare"}),
        ("?height=170-179", {"found", "refused"}),
        ("?height=180-999", {"there"}),
    ],
)
def test_the_list_is_filtered(merchant: Client, query: str, slugs: set[str]) -> None:
    FittingModelFactory(slug="there", height_cm=180)
    FittingModelFactory(slug="bare", bare=True, height_cm=160)
    FittingModelFactory(slug="found", annotated=True)
    FittingModelFactory(slug="refused", annotated=True, state="refused", gender="men")

    rows = merchant.get(MODELS + query).context["cl"].result_list

    assert {model.slug for model in rows} == slugs


def test_the_list_shows_small_pictures_and_states(merchant: Client) -> None:
    model = FittingModelFactory(annotated=True)

    text = merchant.get(MODELS).text

    assert model.thumbnail_url in text
    assert "needs acceptance" in text


def test_the_list_activates_nobody_who_is_not_accepted(merchant: Client) -> None:
    waiting, hidden = FittingModelFactory(annotated=True), FittingModelFactory(active=False)
    rows = {
        "form-TOTAL_FORMS": 2,
        "form-INITIAL_FORMS": 2,
        "form-0-id": waiting.pk,
        "form-0-active": "on",
        "form-0-position": 3,
        "form-1-id": hidden.pk,
        "form-1-active": "on",
        "form-1-position": 4,
        "_save": "Save",
    }

    assert merchant.post(MODELS, rows).status_code == 302

    assert list(FittingModel.objects.values_list("active", "position")) == [(False, 3), (True, 4)]


def test_actions_say_whom_they_left_alone(merchant: Client, sent: list[int]) -> None:
    waiting, hidden = FittingModelFactory(annotated=True), FittingModelFactory(active=False)
    chosen = {"_selected_action": [waiting.pk, hidden.pk]}

    text = merchant.post(MODELS, chosen | {"action": "activate"}, follow=True).text
    assert "1 person changed." in text
    assert "1 person was left alone: the annotation is not accepted." in text
    assert list(FittingModel.objects.filter(active=True)) == [hidden]

    merchant.post(MODELS, chosen | {"action": "annotate_again"})
    assert set(FittingModel.objects.values_list("state", "active")) == {("new", False)}
    assert "delete_selected" not in text


# --- deleting ---------------------------------------------------------------------------------


def test_a_person_whom_somebody_wore_is_kept(
    merchant: Client, django_capture_on_commit_callbacks: Any
) -> None:
    worn, unworn = TryOnFactory().fitting_model, FittingModelFactory()
    assert "cannot be deleted; hide it instead" in merchant.get(page(worn)).text

    answer = merchant.post(f"{MODELS}{worn.pk}/delete/", {"post": "yes"}, follow=True)
    assert answer.redirect_chain[-1][0] == page(worn)
    assert "Hide the person from shoppers instead." in answer.text
    with django_capture_on_commit_callbacks(execute=True):
        merchant.post(f"{MODELS}{unworn.pk}/delete/", {"post": "yes"})

    assert list(FittingModel.objects.all()) == [worn]
    assert TryOn.objects.exists()
    assert default_storage.exists(worn.photo.name)
    assert not default_storage.exists(unworn.photo.name)
