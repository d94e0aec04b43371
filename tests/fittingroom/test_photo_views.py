"""What the shopper's browser gets: upload, state, picture, keeping, deletion; and nobody else's."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from PIL import Image

from fittingroom import dispatch, results
from fittingroom.models import PersonPhoto, TryOn
from fittingroom.photos import files, pictures
from fittingroom.services import share_link
from fittingroom.shopper import SESSION_KEY
from shop.catalogue.models import ProductImage
from tests import drawings
from tests.factories import (
    FittingModelFactory,
    PersonPhotoFactory,
    RatingFactory,
    TryOnFactory,
    UserFactory,
)
from tests.fittingroom.own_photos import everything, files_of, form, photo_bytes

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
UPLOAD = "/en/fitting-room/photos/"


@pytest.fixture(autouse=True)
def nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "send_photos", lambda photos: 0)
    monkeypatch.setattr(dispatch, "send", lambda tryons: 0)
    for pk in list(files.FOLDERS.names()):
        files.FOLDERS.erase(pk)
    translation.activate("en")


@pytest.fixture
def me() -> Client:
    """A visitor's browser."""
    return Client()


def visitor_of(browser: Client) -> uuid.UUID:
    return uuid.UUID(browser.session[SESSION_KEY])


def own(browser: Client, **fields: Any) -> PersonPhoto:
    """A photo of this browser's visitor."""
    session = browser.session
    if SESSION_KEY not in session:
        session[SESSION_KEY] = str(uuid.uuid4())
        session.save()
    photo: PersonPhoto = PersonPhotoFactory(user=None, visitor=visitor_of(browser), **fields)
    return photo


def url(name: str, *args: Any) -> str:
    return reverse(f"fittingroom:{name}", args=args)


# --- upload -------------------------------------------------------------------------------------


def test_an_upload_shows_its_check(me: Client, tee: ProductImage) -> None:
    answer = me.post(UPLOAD, form(product=str(tee.product_id)), headers=HTMX)
    photo = PersonPhoto.objects.get()
    assert (answer.status_code, photo.status) == (200, "checking")
    assert photo.visitor == visitor_of(me)
    text = answer.text
    assert f"{url('photo', photo.pk)}?status=checking" in text
    assert answer.templates[0].name == "fittingroom/_photo.html"


def test_without_scripts_the_panel_follows(me: Client, tee: ProductImage) -> None:
    answer = me.post(UPLOAD, form(product=str(tee.product_id), keep="month"))
    assert answer.url == url("panel", tee.product_id) + "?who=me"  # type: ignore[attr-defined]
    photo = PersonPhoto.objects.get()
    assert photo.keep_days == 30
    assert me.post(UPLOAD, form()).url == url("history")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ({"consent": ""}, {"consent": "Without your consent"}),
        ({"attest": ""}, {"attest": "Please confirm"}),
        ({"consent": "", "attest": ""}, {"consent": "Without your", "attest": "Please confirm"}),
        ({"photo": ""}, {"photo": "Choose a photo."}),
        ({"photo": "", "consent": ""}, {"photo": "Choose a photo.", "consent": "Without"}),
        ({"keep": "for ever"}, {"keep": "Choose how long"}),
    ],
)
def test_nothing_is_looked_at_or_stored_where_something_is_missing(
    me: Client,
    tee: ProductImage,
    monkeypatch: pytest.MonkeyPatch,
    missing: dict[str, str],
    words: dict[str, str],
) -> None:
    def never(data: bytes) -> None:
        raise AssertionError("nobody consented to this")

    monkeypatch.setattr(pictures, "clean", never)
    for headers in (HTMX, {}):
        data = form(product=str(tee.product_id), **missing)
        answer = me.post(UPLOAD, data, headers=headers)
        assert answer.status_code == 422
        errors = answer.context["form"].errors
        assert set(errors) == set(words)
        for field, start in words.items():
            assert errors[field][0].startswith(start)
            assert start in answer.text
    assert not PersonPhoto.objects.exists()
    assert everything() == []
    assert SESSION_KEY not in me.session, "not even a token"


def test_the_boxes_are_empty_until_somebody_ticks_them(me: Client, tee: ProductImage) -> None:
    page = me.get(url("panel", tee.product_id), headers=HTMX).text
    for name in ("consent", "attest"):
        start = page.index(f'name="{name}"')
        tag = page[page.rindex("<", 0, start) : page.index(">", start)]
        assert "checkbox" in tag
        assert "checked" not in tag


def test_what_is_no_photo_gets_its_sentence(me: Client) -> None:
    answer = me.post(UPLOAD, form(b"%PDF-1.7"), headers=HTMX)
    assert answer.status_code == 422
    assert "JPEG, PNG, WebP or HEIC" in answer.text
    assert everything() == []


def test_limits_are_sentences_too(me: Client, settings: Any) -> None:
    settings.PHOTO_KEPT_LIMIT = 1
    own(me)
    answer = me.post(UPLOAD, form(), headers=HTMX)
    assert answer.status_code == 422
    assert "You already keep 1 photo." in answer.text


def test_an_upload_needs_the_csrf_token() -> None:
    assert Client(enforce_csrf_checks=True).post(UPLOAD, form()).status_code == 403


# --- state, picture, keeping --------------------------------------------------------------------


def test_a_poll_hears_only_news(me: Client, tee: ProductImage) -> None:
    photo = own(me, checking=True)
    here = url("photo", photo.pk)
    assert me.get(f"{here}?status=checking", headers=HTMX).status_code == 204
    photo.delete()
    ready = own(me)
    answer = me.get(f"{url('photo', ready.pk)}?status=checking", headers=HTMX)
    assert answer.status_code == 200
    assert answer.context["photo"] == ready


def test_what_this_product_needs_is_said(me: Client, make_tee: Any) -> None:
    trousers = make_tee(product__category__region="lower")
    photo = own(me, region_problems={"lower": {"code": "cut_off", "parts": ["feet"]}})
    for product, words in ((trousers.product_id, "Your feet are outside"), (0, "")):
        answer = me.get(f"{url('photo', photo.pk)}?product={product}", headers=HTMX)
        assert answer.context["region_problem"].startswith(words)
        assert bool(answer.context["region_problem"]) is bool(words)


def test_a_refusal_is_shown_until_its_time(me: Client) -> None:
    gone = {"file": "", "parse": "", "content_hash": "", "keypoints": None}
    photo = own(me, status="refused", reason_code="blurry", erased_at=timezone.now(), **gone)
    assert "The photo is blurred." in me.get(url("photo", photo.pk), headers=HTMX).text
    assert me.get(url("photo-picture", photo.pk)).status_code == 404
    PersonPhoto.objects.update(expires_at=timezone.now())
    assert me.get(url("photo", photo.pk)).status_code == 404


def test_the_picture_is_kept_by_nobody(me: Client) -> None:
    photo = own(me)
    answer = me.get(url("photo-picture", photo.pk))
    assert b"".join(answer) == drawings.person_photo()  # type: ignore[call-overload]
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"] == "private, no-store"
    PersonPhoto.objects.update(expires_at=timezone.now())
    assert me.get(url("photo-picture", photo.pk)).status_code == 404


def test_keeping_it_longer(me: Client) -> None:
    photo = own(me)
    assert me.post(url("photo-keep", photo.pk), {"keep": "week"}, headers=HTMX).status_code == 200
    photo.refresh_from_db()
    assert photo.keep_days == 7
    assert photo.expires_at > timezone.now() + timedelta(days=6)
    me.post(url("photo-keep", photo.pk), {"keep": "ever"}, headers=HTMX)
    photo.refresh_from_db()
    assert photo.keep_days == 7


@pytest.mark.parametrize(("results_too", "left"), [("", 1), ("1", 0)])
def test_delete_now_empties_the_folder_before_the_answer(
    me: Client, django_capture_on_commit_callbacks: Any, results_too: str, left: int
) -> None:
    photo = own(me)
    TryOnFactory(photo=photo, user=None, visitor=photo.visitor, done=True)
    with django_capture_on_commit_callbacks(execute=True):
        answer = me.post(url("photo-delete", photo.pk), {"results": results_too}, headers=HTMX)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["HX-Trigger"] == "photo-deleted"
    assert files_of(photo.pk) == []
    assert TryOn.objects.count() == left
    assert me.get(url("photo", photo.pk)).status_code == 404


def test_the_panel_shows_what_is_mine(me: Client, tee: ProductImage) -> None:
    mine, old = own(me), own(me)
    PersonPhoto.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    PersonPhotoFactory()
    page = me.get(url("panel", tee.product_id), headers=HTMX).text
    assert url("photo-picture", mine.pk) in page
    assert page.count(f'src="{UPLOAD}') == 1


# --- asking for a try-on ------------------------------------------------------------------------


def test_a_photo_is_put_on(me: Client, tee: ProductImage) -> None:
    photo = own(me)
    answer = me.post(url("request", tee.product_id), {"photo": str(photo.pk)}, headers=HTMX)
    assert answer.status_code == 200
    tryon = TryOn.objects.get()
    assert (tryon.photo, tryon.fitting_model, tryon.visitor) == (photo, None, photo.visitor)


def test_what_the_photo_does_not_show_is_refused_at_once(me: Client, make_tee: Any) -> None:
    legs = {"code": "cut_off", "parts": ["feet"]}
    photo = own(me, region_problems={"upper": legs})
    answer = me.post(url("request", make_tee().product_id), {"photo": str(photo.pk)}, headers=HTMX)
    assert answer.status_code == 422
    assert "Your feet are outside the frame. Step back a little." in answer.text
    assert not TryOn.objects.exists()


def test_nobody_puts_on_somebody_else(me: Client, tee: ProductImage) -> None:
    own(me)
    other = PersonPhotoFactory()
    for wanted in (str(other.pk), "no-uuid"):
        answer = me.post(url("request", tee.product_id), {"photo": wanted}, headers=HTMX)
        assert answer.status_code == 422
    assert not TryOn.objects.exists()


# --- nobody else ----------------------------------------------------------------------------------


def staff(*permissions: str, groups: tuple[str, ...] = (), **fields: Any) -> Client:
    user = UserFactory(is_staff=True, **fields)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    user.groups.set(Group.objects.filter(name__in=groups))
    browser = Client()
    browser.force_login(user)
    return browser


def strangers() -> dict[str, Client]:
    bob = Client()
    bob.force_login(UserFactory())
    visitor = Client()
    own(visitor)
    return {
        "somebody": Client(),
        "another visitor": visitor,
        "another user": bob,
        "a merchant": staff(groups=("Merchants",)),
        "an analyst": staff(groups=("Analysts",)),
        "staff who may see pictures of models": staff("view_tryon", "view_tryon_picture"),
        "staff who may see the rows": staff("view_personphoto", "delete_personphoto"),
        "a superuser": staff(is_superuser=True),
    }


@pytest.fixture
def tryon(me: Client) -> TryOn:
    photo = own(me)
    made: TryOn = TryOnFactory(photo=photo, user=None, visitor=photo.visitor, done=True)
    return made


def test_a_stranger_does_not_learn_that_it_exists(me: Client, tryon: TryOn) -> None:
    photo = tryon.photo
    assert photo is not None
    reads = [url("photo", photo.pk), url("photo-picture", photo.pk)]
    reads += [url(name, tryon.pk) for name in ("tryon", "result", "person", "download", "status")]
    reads += [f"/api/photos/{photo.pk}/", f"/api/tryons/{tryon.pk}/"]
    writes = [url(name, photo.pk) for name in ("photo-keep", "photo-delete")]
    for address in reads:
        assert me.get(address).status_code == 200, address
    for who, browser in strangers().items():
        for address in reads:
            assert browser.get(address).status_code == 404, (who, address)
        for address in writes:
            assert browser.post(address).status_code == 404, (who, address)
        assert browser.delete(f"/api/photos/{photo.pk}/").status_code == 404, who
    assert len(files_of(photo.pk)) == 2


def test_a_permission_of_its_own_opens_results(tryon: TryOn) -> None:
    """Both are needed; the photo itself stays behind its owner's door."""
    for permissions, code in (
        (("view_personphoto_picture",), 404),
        (("view_personphoto_picture", "view_tryon_picture"), 200),
    ):
        browser = staff("view_tryon", *permissions)
        assert browser.get(url("result", tryon.pk)).status_code == code
        assert browser.get(url("photo-picture", tryon.photo_id)).status_code == 404


def test_no_group_has_that_permission() -> None:
    permission = Permission.objects.get(codename="view_personphoto_picture")
    assert not Group.objects.filter(permissions=permission).exists()


def test_the_admin_shows_no_picture_of_it(tryon: TryOn) -> None:
    rating = RatingFactory(tryon=tryon)
    of_a_model = TryOnFactory(done=True)
    pages = [
        reverse("admin:fittingroom_tryon_change", args=[tryon.pk]),
        reverse("admin:fittingroom_rating_change", args=[rating.pk]),
        reverse("admin:fittingroom_tryon_changelist"),
        reverse("admin:fittingroom_rating_changelist"),
    ]
    boss = staff(is_superuser=True)
    merchant = staff(groups=("Merchants",))
    for browser in (boss, merchant):
        for page in pages:
            answer = browser.get(page)
            assert answer.status_code == 200
            for kind in ("result", "person", "photo-picture"):
                assert f"/{tryon.pk}/{kind}/" not in answer.text
        model = reverse("admin:fittingroom_tryon_change", args=[of_a_model.pk])
        assert url("result", of_a_model.pk) in browser.get(model).text
    seeing = staff("view_tryon", "view_tryon_picture", "view_personphoto_picture", "view_rating")
    assert url("result", tryon.pk) in seeing.get(pages[0]).text
    assert "own photo" in merchant.get(pages[2]).text


def test_the_admin_knows_the_consent_and_nothing_else(tryon: TryOn) -> None:
    photo = tryon.photo
    assert photo is not None
    boss = staff(is_superuser=True)
    listed = boss.get(reverse("admin:fittingroom_personphoto_changelist"))
    page = boss.get(reverse("admin:fittingroom_personphoto_change", args=[photo.pk]))
    assert listed.status_code == page.status_code == 200
    assert photo.consent_version in page.text
    for private in (
        photo.file.name,
        photo.parse.name,
        photo.content_hash,
        url("photo-picture", photo.pk),
    ):
        assert private not in page.text + listed.text
    merchant = staff(groups=("Merchants",))
    answer = merchant.get(reverse("admin:fittingroom_personphoto_changelist"))
    assert answer.status_code == 403


def test_staff_erase_on_request(tryon: TryOn, django_capture_on_commit_callbacks: Any) -> None:
    clerk = staff("view_personphoto", "delete_personphoto")
    result = str(tryon.result.name)
    with django_capture_on_commit_callbacks(execute=True):
        clerk.post(
            reverse("admin:fittingroom_personphoto_changelist"),
            {"action": "erase", "_selected_action": [str(tryon.photo_id)]},
        )
    assert everything() == []
    assert not results.storage().exists(result)
    assert PersonPhoto.objects.get().status == "erased"


def test_a_row_is_never_deleted_alone_but_goes_with_its_account(
    alice: Any, django_capture_on_commit_callbacks: Any
) -> None:
    photo = PersonPhotoFactory(user=alice)
    TryOnFactory(photo=photo, user=alice, done=True)
    boss = staff(is_superuser=True)
    listed = reverse("admin:fittingroom_personphoto_changelist")
    assert "delete_selected" not in boss.get(listed).text
    alone = reverse("admin:fittingroom_personphoto_delete", args=[photo.pk])
    assert boss.post(alone, {"post": "yes"}).status_code == 403
    assert len(files_of(photo.pk)) == 2
    account = reverse("admin:accounts_user_delete", args=[alice.pk])
    with django_capture_on_commit_callbacks(execute=True):
        assert boss.post(account, {"post": "yes"}).status_code == 302
    assert not PersonPhoto.objects.exists()
    assert everything() == []


def test_accounts_deleted_together_take_their_files(
    alice: Any, bob: Any, django_capture_on_commit_callbacks: Any
) -> None:
    for user in (alice, bob):
        PersonPhotoFactory(user=user)
    with django_capture_on_commit_callbacks(execute=True):
        staff(is_superuser=True).post(
            reverse("admin:accounts_user_changelist"),
            {
                "action": "delete_selected",
                "_selected_action": [str(alice.pk), str(bob.pk)],
                "post": "yes",
            },
        )
    assert everything() == []


def test_signing_in_brings_photos_along_and_signing_out_leaves_them(me: Client, alice: Any) -> None:
    photo = own(me)
    address = url("photo-picture", photo.pk)
    me.force_login(alice)
    assert me.get(address).status_code == 200
    photo.refresh_from_db()
    assert (photo.user, photo.visitor) == (alice, None)
    me.logout()
    assert me.get(address).status_code == 404
    me.force_login(alice)
    assert me.get(address).status_code == 200


def test_the_export_says_that_it_was_an_own_photo_and_not_whose(tryon: TryOn) -> None:
    TryOnFactory(done=True, fitting_model=FittingModelFactory(slug="mia"))
    boss = staff(is_superuser=True)
    text = b"".join(boss.get(reverse("admin:fittingroom_tryon_export"))).decode()  # type: ignore[call-overload]
    assert ",visitor,own,," in text
    assert ",member,preset,mia," in text
    for private in (str(tryon.photo_id), str(tryon.visitor)):
        assert private not in text


# --- shared links -------------------------------------------------------------------------------


def test_messengers_get_the_product_not_the_body(tryon: TryOn) -> None:
    token = share_link(tryon=tryon)
    somebody = Client()
    page = somebody.get(url("shared", token))
    head = page.text[: page.text.index("</head>")]
    assert page.status_code == 200
    assert url("shared-card", token) in head
    assert url("shared-picture", token) not in head
    assert "noindex" in head
    assert "noindex" in page["X-Robots-Tag"]
    card = somebody.get(url("shared-card", token))
    assert card["Cache-Control"] == "private, no-store"
    size, _colours = look_at(card.content)
    assert size == (800, 400)


def test_a_fitting_models_picture_may_be_shown() -> None:
    token = share_link(tryon=TryOnFactory(done=True))
    page = Client().get(url("shared", token)).text
    assert url("shared-picture", token) in page[: page.index("</head>")]


def test_a_revoked_link_closes_the_card_too(tryon: TryOn) -> None:
    token = share_link(tryon=tryon)
    TryOn.objects.update(share_nonce="")
    assert Client().get(url("shared-card", token)).status_code == 404


def look_at(jpeg: bytes) -> tuple[tuple[int, int], tuple[int, ...]]:
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
        pixel = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
        assert isinstance(pixel, tuple)
        return image.size, pixel


# --- programs -----------------------------------------------------------------------------------


def test_a_program_uploads_asks_dresses_and_deletes(
    me: Client, tee: ProductImage, django_capture_on_commit_callbacks: Any
) -> None:
    answer = me.post("/api/photos/", form(keep="week", consent="true", attest="true"))
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["status"], made["keep"], made["problems"]) == ("checking", "week", {})
    photo = PersonPhoto.objects.get()
    here = f"/api/photos/{made['id']}/"
    ask = {"photo": made["id"], "images": [tee.pk]}
    unchecked = me.post("/api/tryons/", ask, content_type="application/json")
    assert unchecked.status_code == 400
    PersonPhoto.objects.filter(pk=photo.pk).update(
        status="ready", parse="x.png", keypoints=drawings.KEYPOINTS, annotator="test-1"
    )
    assert me.get(here).json()["status"] == "ready"
    assert [each["id"] for each in me.get("/api/photos/").json()["results"]] == [made["id"]]
    tryon = me.post("/api/tryons/", ask, content_type="application/json")
    assert tryon.status_code == 201, tryon.content
    assert (tryon.json()["photo"], tryon.json()["fitting_model"]) == (made["id"], None)
    kept = me.patch(here, {"keep": "month"}, content_type="application/json")
    assert kept.json()["keep"] == "month"
    with django_capture_on_commit_callbacks(execute=True):
        assert me.delete(f"{here}?results=1").status_code == 204
    assert me.get(here).status_code == 404
    assert everything() == []
    assert not TryOn.objects.exists()


def test_a_program_hears_what_is_missing(me: Client, settings: Any) -> None:
    answer = me.post("/api/photos/", form(consent="false", attest=""))
    assert answer.status_code == 400
    assert set(answer.json()) == {"consent", "attest"}
    settings.PHOTO_KEPT_LIMIT = 0
    full = me.post("/api/photos/", form())
    assert (full.status_code, full.json()["reason"]["code"]) == (409, "too_many_photos")
    settings.PHOTO_KEPT_LIMIT, settings.PHOTO_UPLOADS_PER_HOUR = 5, 0
    late = me.post("/api/photos/", form())
    assert (late.status_code, late.json()["reason"]["code"]) == (429, "throttled")


@pytest.mark.parametrize("both", [True, False])
def test_a_program_names_one_person(me: Client, tee: ProductImage, mia: Any, both: bool) -> None:
    person = {"photo": str(own(me).pk), "fitting_model": mia.slug} if both else {}
    answer = me.post(
        "/api/tryons/", {**person, "images": [tee.pk]}, content_type="application/json"
    )
    assert answer.status_code == 400


def test_a_program_cannot_use_somebody_elses(me: Client, tee: ProductImage) -> None:
    ask = {"photo": str(PersonPhotoFactory().pk), "images": [tee.pk]}
    answer = me.post("/api/tryons/", ask, content_type="application/json")
    assert answer.status_code == 400
    assert not TryOn.objects.exists()


# --- costs --------------------------------------------------------------------------------------


def test_looking_at_a_photo_costs_two_queries(
    me: Client, django_assert_max_num_queries: Any
) -> None:
    """The session and the photo."""
    photo = own(me)
    for address in (url("photo", photo.pk), url("photo-picture", photo.pk)):
        with django_assert_max_num_queries(2):
            me.get(address, headers=HTMX)


def test_the_panel_costs_the_same_with_more_photos(
    me: Client, tee: ProductImage, django_assert_num_queries: Any, settings: Any
) -> None:
    own(me)
    address = url("panel", tee.product_id)
    me.get(address, headers=HTMX)
    with CaptureQueriesContext(connection) as one:
        me.get(address, headers=HTMX)
    for _ in range(3):
        own(me)
    with django_assert_num_queries(len(one)):
        me.get(address, headers=HTMX)


def test_photo_bytes_are_large_enough() -> None:
    assert pictures.clean(photo_bytes()).width == 480
