"""A shopper without scripts who tries something on through the running site."""

from __future__ import annotations

import io
import random
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.cookiejar import CookieJar
from urllib.parse import urlencode, urljoin

from PIL import Image

from config.demo.pages import Page

PRODUCT = re.compile(r"/p/\d+/")


class TryOnFailed(RuntimeError):
    """The shopper did not get a picture; the message says at which step and why."""


@dataclass(frozen=True)
class Walk:
    """What the shopper got.

    seconds: from pressing the button to having the picture.
    known: this person had worn this garment before, so nothing was computed.
    """

    seconds: float
    known: bool
    page_url: str
    product_url: str
    picture: bytes
    kind: str  # "jpeg", "png", "webp"
    width: int
    height: int


class Shopper:
    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        )
        self._opener.addheaders = [("Accept-Language", "en"), ("User-Agent", "otbang-demo")]

    def fetch(self, url: str, data: dict[str, str] | None = None) -> tuple[str, str, bytes]:
        """(final URL, content type, body) after redirects."""
        full = urljoin(self.base_url, url)
        body = urlencode(data).encode() if data is not None else None
        try:
            with self._opener.open(full, body, timeout=30) as answer:
                return answer.url, answer.headers.get_content_type(), answer.read()
        except urllib.error.HTTPError as error:
            raise TryOnFailed(f"{full} answered {error.code} {error.reason}") from error
        except OSError as error:
            raise TryOnFailed(f"{full} did not answer: {error}") from error

    def page(self, url: str, data: dict[str, str] | None = None) -> Page:
        final, _, body = self.fetch(url, data)
        return Page(final, body.decode())

    def try_on(
        self, *, newest: bool = False, seconds: float, meanwhile: Callable[[], None]
    ) -> Walk:
        """Home → product → fitting room → picture.

        Args:
            newest: the first product of the home page instead of a random one.
            seconds: how long to wait for the picture.
            meanwhile: called between looks; may raise to give up.
        """
        product, panel_url = self._a_product(newest=newest)
        panel = self.page(panel_url)
        form = next((form for form in panel.forms if "data-panel-form" in form.attributes), None)
        if form is None:
            raise TryOnFailed(f"no form to try something on at {panel.url}")
        for name, values in form.choices.items():
            form.fields[name] = random.choice(values)  # noqa: S311
        began = time.monotonic()
        page = self.page(urljoin(panel.url, form.attributes["action"]), form.fields)
        known = _status(page) == "done"
        while _status(page) not in ("done", "failed", "cancelled"):
            if time.monotonic() - began > seconds:
                raise TryOnFailed(f"no picture after {seconds:.0f} s; {page.url} still waits")
            meanwhile()
            time.sleep(0.2)
            page = self.page(page.url)
        if _status(page) != "done":
            raise TryOnFailed(f"{page.url} says: {' · '.join(page.words)}")
        (after, *_) = page.having("data-after")
        _, content_type, picture = self.fetch(urljoin(page.url, after["src"]))
        took = time.monotonic() - began
        if not content_type.startswith("image/"):
            raise TryOnFailed(f"{after['src']} is {content_type}, not a picture")
        with Image.open(io.BytesIO(picture)) as image:
            image.load()
            width, height = image.size
            kind = (image.format or "").lower()
        return Walk(
            seconds=took,
            known=known,
            page_url=page.url,
            product_url=product,
            picture=picture,
            kind=kind,
            width=width,
            height=height,
        )

    def _a_product(self, *, newest: bool) -> tuple[str, str]:
        """A product of the home page that can be tried on, and its panel's address."""
        home = self.page("/")
        links = list(dict.fromkeys(link for link in home.links() if PRODUCT.search(link)))
        if not newest:
            random.shuffle(links)
        for link in links:
            product = self.page(urljoin(home.url, link))
            for element in product.having("data-panel"):
                return product.url, urljoin(product.url, element["href"])
        raise TryOnFailed(f"no product that can be tried on among the {len(links)} at {home.url}")


def _status(page: Page) -> str:
    """The try-on's status as its page says it."""
    return next((element["data-status"] for element in page.having("data-status")), "missing")
