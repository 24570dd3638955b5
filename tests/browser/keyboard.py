"""Keyboard: what it reaches on a page: everything that a mouse does, in sight, and out again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

_SCRIPT = Path(__file__).with_name("keyboard.js")
#: What somebody may type into a field: every key by itself that a page could take for its own.
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789?/"
#: Fields of a page that are typed into, at most.
FIELDS_MAX = 3
#: Details of a page that are opened, so that what is in them is looked at, too.
OPEN_MAX = 6
_TYPED = "input:not([type]), input[type=text], input[type=search], input[type=email], textarea"


@dataclass(frozen=True)
class Stop:
    """Where the focus was: `key` is the same for the same element, empty at the page's end."""

    key: str
    name: str
    wrong: str


def listen(context: BrowserContext) -> None:
    """Have every page of a context note what gets the focus. Before its pages are opened."""
    context.add_init_script(path=_SCRIPT)


def open_details(page: Page) -> None:
    """Open what is folded up."""
    page.evaluate(
        """(most) => [...document.querySelectorAll("details")].slice(0, most)
          .forEach((each) => { each.open = true; })""",
        OPEN_MAX,
    )


def assert_reached_by_keyboard(page: Page, within: str = "main") -> None:
    """Tab reaches everything in a part of the page in its order, marked and in sight, and goes on; and back.

    within: the part that the link to the content leads to, or the one that it skips. Arrow keys reach all
    radio buttons of a group.
    """
    asked = page.evaluate("(within) => keyboard.expected(within)", within)
    every = {str(key): name for key, name in asked["stops"]}
    page.locator("a.skip").focus()
    if within == "main":
        page.keyboard.press("Enter")
        assert page.evaluate("keyboard.isIn('main')"), f"{page.url}: the link to the content leads elsewhere"
    forward = _walk(page, "Tab", len(every), asked["more"], within)
    _assert_walk(page, every, forward)
    back = _walk(page, "Shift+Tab", len(every), asked["more"], within)
    _assert_walk(page, every, back[::-1])
    ways = [each.key for each in forward], [each.key for each in back[::-1]]
    assert ways[0] == ways[1], f"{page.url}: it goes back another way: {ways}"
    for name, count in page.evaluate("(within) => keyboard.groups(within)", within):
        page.evaluate("(name) => keyboard.focusGroup(name)", name)
        reached = set()
        for _ in range(count):
            page.keyboard.press("ArrowDown")
            reached.add(page.evaluate("keyboard.at()"))
        assert len(reached) == count, f"{page.url}: arrow keys don't reach all of {name}"
        page.evaluate("keyboard.leaveGroup()")


def assert_skips_the_navigation(page: Page) -> None:
    """The first thing that Tab reaches is a link to the content, unless the page begins in its content."""
    if page.evaluate("keyboard.isIn('main')"):
        return
    page.keyboard.press("Tab")
    assert page.evaluate("keyboard.isIn('.skip[href=\"#main\"]')"), f"{page.url}: first is {_seen(page)}"
    _seen(page)
    # While it has the focus it lies above other links.
    page.evaluate("document.activeElement.blur()")


def assert_nothing_needs_a_mouse(page: Page) -> None:
    """Whatever reacts to a click can have the focus, or is part of what can."""
    found = page.evaluate("keyboard.unreachable()")
    assert not found, f"{page.url}: nothing but a mouse presses {found}"


def assert_fields_take_what_is_typed(page: Page) -> None:
    """A page that has keys of its own takes none of them while somebody types."""
    if not page.evaluate("keyboard.takesKeys()"):
        return
    url, before = page.url, page.evaluate("keyboard.clicks()")
    fields = [each for each in page.locator(_TYPED).all() if each.is_visible()]
    assert fields, f"{url} has keys, and no field"
    for field in fields[:FIELDS_MAX]:
        field.fill("")
        field.press_sequentially(LETTERS)
        assert field.input_value() == LETTERS, f"{url}: no field takes what is typed"
        field.fill("")
    assert (page.url, page.evaluate("keyboard.clicks()")) == (url, before), "a key was taken for a command"


def _walk(page: Page, press: str, count: int, more: int, within: str) -> list[Stop]:
    """Press a key until the focus is out of the part; what it was at before that, each once.

    count: how many stops there are at least. more: how often the focus may stay where it is, in fields of
    several parts; areas that are scrolled may be stops, too.
    """
    for _ in range(count):
        page.keyboard.press(press)
    for _ in range(count + more + 20):
        page.keyboard.press(press)
        if not page.evaluate("(within) => keyboard.isIn(within)", within):
            break
    else:
        raise AssertionError(f"{page.url}: the focus doesn't get out: {_seen(page)[-5:]}")
    walked: list[Stop] = []
    for each in _seen(page)[:-1]:
        # From the page's end the browser's own bar may have the focus first.
        if each.key and (not walked or walked[-1].key != each.key):
            walked.append(each)
    return walked


def _seen(page: Page) -> list[Stop]:
    return [Stop(str(each["key"]), each["name"], each["wrong"]) for each in page.evaluate("keyboard.seen()")]


def _assert_walk(page: Page, every: dict[str, str], walked: list[Stop]) -> None:
    keys = [each.key for each in walked]
    assert len(keys) == len(set(keys)), f"{page.url}: reached twice: {keys}"
    missing = [name for key, name in every.items() if key not in keys]
    assert not missing, f"{page.url}: Tab doesn't reach {missing}"
    assert [key for key in keys if key in every] == list(every), f"{page.url}: in another order"
    wrong = [f"{each.name} {each.wrong}" for each in walked if each.wrong]
    assert not wrong, f"{page.url}: {wrong}"
