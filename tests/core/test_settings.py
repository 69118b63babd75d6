"""Settings are declared without pydantic and checked by it."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import pytest

from synthkit.settings import Field, Settings, SettingsError


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
        "assert 'pydantic' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
