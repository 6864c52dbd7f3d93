"""Charts in a real browser: drawn from the tables, within the security policy, on paper, and without script."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.access import world as worlds
from tests.applications import checked

PAGES = {"desk": ("admin:index", 4), "figures": ("admin:figures", 6)}


@pytest.fixture
def secretary(live_server):
    """The access tests' world: one filing more, in an open round."""
    built = worlds.build()
    checked.submitted(built.people["riv"], built.rows["draft"].round)
    return built.people["secr"]


def opened(visit, person, name, **settings):
    visitor = visit(**settings)
    visitor.refused = []
    visitor.page.on(
        "console", lambda said: visitor.refused.append(said.text) if said.type in {"error", "warning"} else None
    )
    visitor.enter(person)
    visitor.go(reverse(PAGES[name][0]))
    return visitor


@pytest.mark.parametrize("name", PAGES)
def test_every_chart_is_drawn_and_nothing_is_refused_by_the_security_policy(visit, secretary, name):
    visitor = opened(visit, secretary, name)
    drawings = visitor.page.locator("[data-chart]")
    expect(drawings).to_have_count(PAGES[name][1])
    for place in range(PAGES[name][1]):
        drawing = drawings.nth(place)
        expect(drawing.locator("svg")).to_be_visible()
        drawing.scroll_into_view_if_needed()
        drawing.hover()  # the tooltip too
    assert visitor.refused == []


def test_the_drawing_shows_the_numbers_of_its_table(visit, secretary):
    page = opened(visit, secretary, "desk").page
    cities = page.locator('[data-table="pace-cities"] svg text')
    rows = page.locator("#pace-cities tbody tr")
    assert not page.locator("#pace-cities").is_visible()
    page.locator("summary", has_text="市（州）数字").click()
    expect(page.locator("#pace-cities")).to_be_visible()
    drawn = cities.all_text_contents()
    for place in range(rows.count()):
        cells = rows.nth(place).locator("th, td").all_inner_texts()
        assert {rows.nth(place).locator("th").get_attribute("data-short"), *cells[1:]} <= set(drawn)


def test_on_paper_the_tables_stand_in_full_and_the_drawings_fit(visit, secretary):
    page = opened(visit, secretary, "desk").page
    expect(page.locator("[data-chart] svg").first).to_be_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#pace-days")).to_be_visible()
    widths = page.eval_on_selector_all("[data-chart] svg", "all => all.map(one => one.getBoundingClientRect().width)")
    assert all(0 < width <= 640 for width in widths)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("#pace-days")).to_be_hidden()


def test_without_script_the_tables_are_there_and_the_choice_is_a_button(visit, secretary):
    page = opened(visit, secretary, "desk", java_script_enabled=False).page
    expect(page.locator("#pace-days")).to_be_visible()
    expect(page.locator("[data-chart]").first).to_be_hidden()
    page.locator(".desk-pace form button").click()
    assert "round=" in page.url


def test_a_chosen_round_is_shown_at_once(visit, secretary):
    page = opened(visit, secretary, "desk").page
    other = page.locator("#id_round option").last.get_attribute("value")
    page.locator("#id_round").select_option(other)
    page.wait_for_url(f"**round={other}*")
