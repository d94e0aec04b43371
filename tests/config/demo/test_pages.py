"""Reading pages as a browser without scripts does."""

from __future__ import annotations

import pytest

from config.demo.pages import Page

MARKUP = """
<a href="/en/p/3/shirt/">Shirt</a> <a>no address</a> <a href="/en/panel/3/" data-panel>Try on</a>
<form method="post" action="/en/try/3/" data-panel-form>
  <input type="hidden" name="csrfmiddlewaretoken" value="token">
  <input type="radio" name="fitting_model" value="mina">
  <input type="radio" name="fitting_model" value="jun">
  <input type="radio" name="size" value="S"><input type="radio" name="size" value="M" checked>
  <input type="checkbox" name="news" value="yes"><button name="go" value="1">Try on</button>
</form>
<input name="outside" value="ignored">
"""


@pytest.fixture
def page() -> Page:
    return Page("http://shop/", MARKUP)


def test_links_and_marked_elements(page: Page) -> None:
    assert page.links() == ["/en/p/3/shirt/", "/en/panel/3/"]
    assert [element["href"] for element in page.having("data-panel")] == ["/en/panel/3/"]


def test_a_form_sends_hidden_fields_and_one_radio_of_each_group(page: Page) -> None:
    (form,) = page.forms
    assert form.attributes["action"] == "/en/try/3/"
    assert form.fields == {"csrfmiddlewaretoken": "token", "fitting_model": "mina", "size": "M"}
    assert form.choices == {"fitting_model": ["mina", "jun"], "size": ["S", "M"]}


def test_words(page: Page) -> None:
    assert "Shirt" in page.words
