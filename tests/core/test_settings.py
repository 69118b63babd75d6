# SPDX-License-Identifier: Apache-2.0
"""Settings are declared without pydantic and checked by it."""

# ruff: noqa: RUF012  (the defaults of settings are copied)

from __future__ import annotations

import datetime
import enum
import json
import pickle
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import tomli_w

from synthkit.plainly import Doubtful, plainly
from synthkit.settings import Field, Settings, SettingsError

Share = Annotated[float, Field(ge=0, le=1)]


class Inner(Settings):
    weight: float = Field(1.0, ge=0)


class Example(Settings):
    name: str = Field(pattern="^[a-z]+$")
    mode: Literal["a", "b"] = "a"
    weight: float = Field(1.0, gt=0, le=2)
    inner: Inner = Inner()
    folder: Path | None = None
    pair: tuple[float, ...] = (1.0, 2.0)
    table: dict[str, int] = Field(default_factory=dict)

    @classmethod
    def prepare(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {"name" if key == "called" else key: value for key, value in values.items()}

    def check(self) -> None:
        if self.mode == "b" and self.weight > 1:
            raise ValueError("mode b takes no weight above 1")


class Further(Example):
    name: str = "x"
    more: int = Field(3, multiple_of=3)


class Either(Settings):
    table: dict[str, float | str] = Field(default_factory=dict)
    one: int | list[int] = 1


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"table": {"modulation": float("nan")}},
            "table.modulation: Input should be a finite number or a valid string (got nan)",
        ),
        (
            {"one": "x"},
            "one: Input should be a valid integer, unable to parse string as an integer or a valid list",
        ),
    ],
)
def test_what_may_be_of_several_types_is_told_at_its_own_place(values, said):
    """`.float` and `.str` stood behind the key, as if keys of the user's had been wrong twice."""
    with pytest.raises(SettingsError) as caught:
        Either(**values)
    assert said in str(caught.value)
    assert not re.search(r"\.(float|str|int|list)\b", str(caught.value))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "name: Field required"),
        ({"name": "A"}, "name: String should match pattern '^[a-z]+$' (got 'A')"),
        ({"name": "a", "weight": 3}, "weight: Input should be less than or equal to 2 (got 3)"),
        ({"name": "a", "mode": "c"}, "mode: Input should be 'a' or 'b' (got 'c')"),
        (
            {"name": "a", "inner": {"weight": -1}},
            "inner.weight: Input should be greater than or equal to 0 (got -1)",
        ),
        ({"name": "a", "inner": {"wait": 1}}, "inner.wait: Extra inputs are not permitted (got 1)"),
        ({"name": "a", "self": 1}, "self: Extra inputs are not permitted (got 1)"),
        ({"name": "a", "mode": "b", "weight": 2}, "mode b takes no weight above 1"),
    ],
)
def test_a_wrong_value_is_named(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said) + "$"):
        Example(**values)


def test_every_wrong_value_is_named():
    with pytest.raises(SettingsError, match=r"weight: .*pair: .*"):
        Example(name="a", weight="much", pair=3)


def test_values_are_converted_and_defaults_filled_in() -> None:
    made = Example(called="a", folder="here", weight=2, pair=[3, 4], inner={"weight": 5})
    assert made.folder == Path("here")
    assert made.pair == (3.0, 4.0)
    assert made.inner == Inner(weight=5.0)
    assert made.table == {}
    assert made.table is not Example(name="a").table
    assert made.model_fields_set == {"name", "folder", "weight", "pair", "inner"}


def test_they_are_frozen_and_compare_by_value() -> None:
    one, other = Example(name="a", weight=2), Example(name="a", weight=2.0)
    assert one == other
    assert hash(one) == hash(other)
    assert one != Example(name="b")
    with pytest.raises(AttributeError, match="frozen"):
        one.weight = 1.0  # type: ignore[misc]


def test_they_come_back_from_json_and_pickle_and_unchecked() -> None:
    made = Example(name="a", folder=Path("x/y"), inner=Inner(weight=2), table={"k": 1})
    assert Example.model_validate_json(made.model_dump_json()) == made
    assert pickle.loads(pickle.dumps(made)) == made
    back = Example.restored(made.model_dump(exclude_none=True))
    assert back == made
    assert isinstance(back.folder, Path)
    assert isinstance(back.inner, Inner)
    assert isinstance(back.pair, tuple)


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Pair(Settings):
    left: int = 0
    right: Path | None = None


class Everything(Settings):
    """A field of every kind that settings promise to bring back."""

    colour: Colour = Colour.RED
    level: Level = Level.LOW
    colours: set[Colour] = {Colour.RED}
    frozen: frozenset[int] = frozenset({3, 1, 2})
    words: list[str] = ["a"]
    nested: list[tuple[int, Path]] = []
    table: dict[str, list[float]] = {"x": [1.0]}
    numbered: dict[int, Colour] = {1: Colour.BLUE}
    day: datetime.date = datetime.date(2024, 2, 29)
    moment: datetime.datetime | None = None
    pause: datetime.timedelta = datetime.timedelta(milliseconds=250)
    choice: Literal["a", 1, True] | None = None
    either: int | str = 0
    size: Literal["auto"] | int = "auto"
    part: Pair | Inner = Pair()
    parts: dict[str, Pair] = {}
    many: tuple[Pair, ...] = ()
    pair: tuple[int, float] | None = None
    loose: dict[str, Any] = {}


FULL = {
    "colour": Colour.BLUE, "level": Level.HIGH, "colours": {Colour.BLUE, Colour.RED},
    "frozen": frozenset({9, 7}), "words": ["b", "c"], "nested": [(1, Path("a/b")), (2, Path("/c"))],
    "table": {"y": [], "z": [0.5]}, "numbered": {3: Colour.RED, 10: Colour.BLUE},
    "day": datetime.date(1999, 12, 31), "moment": datetime.datetime(2020, 1, 2, 3, 4, 5, 678),
    "pause": datetime.timedelta(seconds=1.5), "choice": 1, "either": "7", "size": 4, "part": Inner(weight=3),
    "parts": {"p": Pair(left=1, right=Path("r"))}, "many": (Pair(left=2), Pair()), "pair": (1, 2.5),
    "loose": {"a": [1, "x", {"b": 0.5}]},
}  # fmt: skip


def same(one: object, other: object) -> bool:
    """Equal, and of equal types all the way down; the members of a set stand in any order."""
    if isinstance(one, set | frozenset) and isinstance(other, set | frozenset):
        return type(one) is type(other) and sorted(map(repr, one)) == sorted(map(repr, other))
    return type(one) is type(other) and one == other and repr(one) == repr(other)


@pytest.mark.parametrize("name", ["nothing", *FULL, "all"])
def test_what_was_given_comes_back_as_it_was(name: str) -> None:
    given = {} if name == "nothing" else FULL if name == "all" else {name: FULL[name]}
    made = Everything(**given)
    for field in Everything.model_fields if name == "all" else given:
        assert same(getattr(made, field), FULL[field]), field
    toml = tomllib.loads(tomli_w.dumps(made.model_dump(exclude_none=True)))
    backs = {
        "restored": Everything.restored(made.model_dump()),
        "restored from TOML": Everything.restored(toml),
        "restored from JSON": Everything.restored(json.loads(made.model_dump_json())),
        "checked": Everything(**made.model_dump(exclude_none=True)),
        "checked from TOML": Everything(**toml),
        "checked from JSON": Everything.model_validate_json(made.model_dump_json()),
    }
    for how, back in backs.items():
        for field in Everything.model_fields:
            one, other = getattr(back, field), getattr(made, field)
            assert same(one, other), (how, field)
        assert hash(back) == hash(made), how


class Numbers(Settings):
    counts: list[int] = []
    pair: tuple[bool, int] = (True, 1)
    by_name: dict[str, float] = {}
    either: int | list[float] = 0
    truths: list[bool] = []


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"counts": [1, True]}, "counts.1"),
        ({"pair": (True, False)}, "pair.1"),
        ({"by_name": {"a": True}}, "by_name.a"),
        ({"either": [True]}, "either.0"),
        ({"either": True}, "either"),
    ],
)
def test_true_is_no_number_however_deep(values: dict[str, Any], place: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(place)}: Input should be a number"):
        Numbers(**values)
    assert Numbers(truths=[True], pair=(False, 2)).truths == [True]


def test_a_date_as_toml_itself_has_it() -> None:
    assert Everything(**tomllib.loads("day = 2001-02-03")).day == datetime.date(2001, 2, 3)


def test_the_order_of_a_set_is_not_saved() -> None:
    names = ["red", "blue"]
    one, other = Everything(colours=names), Everything(colours=names[::-1])
    assert one.model_dump_json() == other.model_dump_json()
    assert one == other


def test_no_default_is_shared() -> None:
    class Holder(Settings):
        inner: Everything = Everything()
        words: list[str] = ["a"]
        deep: tuple[list[int], ...] = ([1],)

    for first, second in (
        (Holder(), Holder()),
        (Holder(words=["b"]), Holder(words=["c"])),
        (Holder(), Holder(words=[])),
    ):
        first.inner.words.append("x")
        first.inner.table["x"].append(2.0)
        first.deep[0].append(2)
        assert second.inner.words == ["a"]
        assert second.inner.table == {"x": [1.0]}
        assert second.deep == ([1],)
    Everything().words.append("y")
    assert Everything().words == ["a"]
    assert Everything.restored({}).words == ["a"]


def test_a_default_that_cannot_be_copied_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Wrong\.x: the default .* would be shared; .*default_factory"):
        type("Wrong", (Settings,), {"__annotations__": {"x": "object"}, "x": bytearray(b"x")})


class Unclear(Settings):
    where: Path | str = ""
    anything: Any = None
    shade: Colour | str = "red"
    number: int | None = 5


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"where": Path("x")}, "where: PosixPath('x') cannot be saved: it would be read back as 'x'"),
        ({"anything": (1, 2)}, "anything: (1, 2) cannot be saved: it would be read back as [1, 2]"),
        ({"anything": object}, "anything: <class 'object'> cannot be saved: type has no form in TOML"),
        ({"shade": Colour.RED}, "shade: <Colour.RED: 'red'> cannot be saved: it would be read back as 'red'"),
    ],
)
def test_what_would_come_back_as_another_is_refused_when_it_is_given(
    values: dict[str, Any], said: str
) -> None:
    with pytest.raises(SettingsError, match=re.escape(said) + "$"):
        Unclear(**values)


def test_a_none_that_toml_could_not_say_is_not_left_out() -> None:
    made = Unclear(number=None)
    assert Unclear.model_validate_json(made.model_dump_json()) == made
    with pytest.raises(SettingsError, match="number: None cannot be left out"):
        made.model_dump(exclude_none=True)


def test_a_copy_is_checked() -> None:
    made = Example(name="a", weight=2)
    assert made.model_copy({"weight": 1}) == Example(name="a", weight=1.0)
    assert made.model_copy({"mode": "a"}).model_fields_set == {"name", "weight", "mode"}
    with pytest.raises(SettingsError, match=r"weight: .*less than or equal to 2 \(got 3\)"):
        made.model_copy({"weight": 3})
    with pytest.raises(SettingsError, match="wait: Extra inputs"):
        made.model_copy({"wait": 3})
    with pytest.raises(ValueError, match="mode b takes no weight"):
        made.model_copy({"mode": "b"})
    assert made.model_copy({"folder": Path("x")}, check=False).folder == Path("x")


def test_a_subclass_has_the_fields_of_its_base_and_its_own_defaults() -> None:
    assert list(Further.model_fields) == [*Example.model_fields, "more"]
    assert Further().name == "x"
    with pytest.raises(SettingsError, match=r"more: .*multiple of 3"):
        Further(more=4)


def test_a_field_without_its_type_is_refused() -> None:
    with pytest.raises(TypeError, match=r"weight is a setting: annotate it"):
        type("Bare", (Example,), {"weight": 2.0})


def test_the_field_of_pydantic_is_refused() -> None:
    import pydantic

    with pytest.raises(TypeError, match=r"Field from synthkit\.settings"):
        type("Wrong", (Settings,), {"__annotations__": {"x": "int"}, "x": pydantic.Field(1)})


def test_defaults_need_no_pydantic() -> None:
    code = (
        "import sys\n"
        "from synthkit.settings import Field, Settings\n"
        "class A(Settings):\n"
        "    x: int = Field(1, ge=0)\n"
        "a = A(); A.restored({'x': 2}); a.model_dump_json()\n"
        "assert not [m for m in sys.modules if m.startswith('pydantic')], 'imported'\n"
        "A(x=3)\n"
        "assert not [m for m in sys.modules if m.startswith('pydantic')], 'imported for what is plain'\n"
        "A(x='3')\n"
        "assert 'pydantic' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_limits_that_several_fields_share_are_those_of_their_type():
    class Weights(Settings):
        near: Share = 0.5
        far: list[Share] = [0.1]
        both: Share = Field(0.2, lt=0.3)

    assert Weights.constraints() == {
        "near": {"ge": 0, "le": 1},
        "far": {},
        "both": {"ge": 0, "le": 1, "lt": 0.3},
    }
    assert Weights(near=1).near == 1
    for wrong in ({"near": 1.5}, {"near": -1}, {"far": [2]}, {"both": 0.3}, {"both": -1}):
        with pytest.raises(SettingsError, match=next(iter(wrong))):
            Weights(**wrong)


HINTS = (int, float, str, bool, Path, Path | None, float | None, int | str, Literal["a", 1], list[int], Any)
HINTS += (list[str] | int, bool | float, Path | str, list[str | None], tuple[int, ...])  # type: ignore[assignment]
HINTS += (dict[str, Any], dict[str, int], dict[str, str] | None, dict[int, int])  # type: ignore[assignment]
LIMITS = ({}, {"ge": 0}, {"gt": 0, "le": 1}, {"lt": 3}, {"multiple_of": 2}, {"pattern": "^[a-z]+$"})
VALUES = (
    None, True, False, 0, 1, 3, -1, 0.0, 0.5, 1.0, -2.5, 1e300, float("inf"), float("nan"), "", "a", "1",
    2**60, "/x", "a\n", "ä", Path("/x"), [1], [], ["a"], [True], [None], (1,), {"a": 1}, b"a",
)  # fmt: skip


@pytest.mark.parametrize("hint", HINTS, ids=str)
def test_what_is_taken_without_pydantic_is_what_pydantic_makes_of_it(hint):
    from pydantic import ConfigDict, Field, create_model

    config = ConfigDict(allow_inf_nan=False)
    for limits in LIMITS:
        for value in VALUES:
            try:
                found = plainly(hint, value, limits)
            except Doubtful:
                continue
            made = create_model("Made", __config__=config, x=(hint, Field(**limits)))(x=value).x
            assert (made, type(made)) == (found, type(found)), (value, limits)


def test_nearly_all_that_is_right_is_taken_without_pydantic():
    right = ((int, 3, {"ge": 1}), (float, 2, {"gt": 0}), (str, "ab", {"pattern": "^[a-z]+$"}))
    right += (
        (bool, True, {}),
        (Path | None, "x", {}),
        (int | list[str], ["a"], {}),
        (Literal["a", "b"], "b", {}),
    )
    assert [plainly(*row) for row in right] == [3, 2.0, "ab", True, Path("x"), ["a"], "b"]
