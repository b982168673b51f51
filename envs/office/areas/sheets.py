"""The tools over spreadsheets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from envs.office.world import World
from raytool.env import ToolError, tool

CELL = re.compile(r"([A-Z])([1-9][0-9]?)")
LARGEST = 1e15  # up to here, cents are exact enough


class Sheets:
    """Three tools; a cell is named by its column and row, from A1 to Z99."""

    world: World

    @tool
    def read_cell(self, sheet: str, cell: str) -> dict[str, float | str]:
        """Read one cell of a spreadsheet.

        Args:
            sheet: name of the sheet
            cell: e.g. B3

        Returns:
            The value of the cell.

        Raises:
            ToolError: there is no such sheet, or the cell is none, or it is empty.
        """
        cells, (place,) = self._sheet(sheet), _places(cell)
        if place not in cells:
            raise ToolError(f"cell {place} is empty")
        return {"value": cells[place]}

    @tool
    def write_cell(self, sheet: str, cell: str, value: float) -> dict[str, Any]:
        """Write a number into one cell of a spreadsheet.

        Args:
            sheet: name of the sheet
            cell: e.g. B3
            value: the number

        Returns:
            The cell, and its value.

        Raises:
            ToolError: there is no such sheet, the cell is none, or the number is too large.
        """
        cells, (place,) = self._sheet(sheet), _places(cell)
        if not abs(value) <= LARGEST:
            raise ToolError(f"value is {value}, not within {-LARGEST:.0f} to {LARGEST:.0f}")
        cells[place] = _tidy(value)
        return {"cell": place, "value": cells[place]}

    @tool
    def aggregate_range(self, sheet: str, cells: str, operation: Literal["sum", "mean", "min", "max"] = "sum") -> dict[str, float]:
        """Compute over a range of cells.

        Args:
            sheet: name of the sheet
            cells: e.g. B2:B6
            operation: what to compute

        Returns:
            The value, rounded to cents; cells without a number do not count.

        Raises:
            ToolError: there is no such sheet, the range is none, or it holds no number.
        """
        grid = self._sheet(sheet)
        values = [value for place in _places(*cells.split(":", 1)) if isinstance(value := grid.get(place), int | float)]
        if not values:
            raise ToolError(f"there are no numbers in {cells}")
        results = {"sum": sum(values), "mean": sum(values) / len(values), "min": min(values), "max": max(values)}
        return {operation: _tidy(results[operation])}

    def _sheet(self, name: str) -> dict[str, float | str]:
        if name not in self.world.sheets:
            raise ToolError(f"no sheet {name!r}")
        return self.world.sheets[name]


def _places(first: str, last: str = "") -> Iterator[str]:
    """The cells from one corner to the other, as "B3"; only that corner without a last one."""
    corners = [CELL.fullmatch(corner.upper()) for corner in (first, last or first)]
    if not all(corners):
        raise ToolError(f"{':'.join(filter(None, (first, last)))!r} is no cell such as B3, and no range such as B2:B6")
    columns, rows = zip(*(corner.groups() for corner in corners if corner), strict=True)
    for column in range(ord(min(columns)), ord(max(columns)) + 1):
        for row in range(min(map(int, rows)), max(map(int, rows)) + 1):
            yield f"{chr(column)}{row}"


def _tidy(value: float) -> float:
    """Rounded to cents; a whole number without decimals."""
    rounded = round(float(value), 2)
    return int(rounded) if rounded.is_integer() else rounded
