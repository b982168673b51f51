"""The tools over the map: ways, saved places and rides."""

from __future__ import annotations

import heapq
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from envs.mobile_app.areas.checks import check_number, checked_moment
from envs.mobile_app.world import Collection, Place, Ride, World, euros
from envs.scenario.checks import check_text
from raytool.env import ToolError, tool

Mode = Literal["car", "bike", "walk"]
Car = Literal["standard", "large", "premium"]
METRES_PER_MINUTE: dict[Mode, int] = {"car": 500, "bike": 250, "walk": 80}
SEATS: dict[Car, int] = {"standard": 4, "large": 6, "premium": 4}
FARES: dict[Car, tuple[int, int]] = {"standard": (300, 150), "large": (450, 200), "premium": (600, 260)}  # cents, and cents per km


class Party(TypedDict, total=False):
    """Who rides along."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]
    adults: Annotated[int, Field(description="default 1")]
    children: Annotated[int, Field(description="default 0")]


class Travel:
    """Three tools; a place is a saved place or an address, which is a number and a street of the town."""

    world: World

    @tool
    def find_route(self, start: str, end: str, mode: Mode = "car", avoid_tolls: bool = False) -> dict[str, Any]:
        """Find the shortest way between two places.

        Args:
            start: saved place or address
            end: saved place or address
            mode: how to travel
            avoid_tolls: use no toll roads; bikes and walkers never do

        Returns:
            Its km and minutes, the count of toll roads, and the streets on the way.

        Raises:
            ToolError: a place is unknown.
        """
        streets, metres, tolls = self._way(self._address(start), self._address(end), avoid_tolls or mode != "car")
        return {"km": metres / 1000, "minutes": -(-metres // METRES_PER_MINUTE[mode]), "tolls": tolls, "streets": streets}

    @tool
    def save_place(self, name: str, address: str, collection: Collection = "favourites") -> dict[str, str]:
        """Save an address as a place of the map.

        Args:
            name: what to call the place
            address: number and street
            collection: list of places it goes to

        Returns:
            The name and the address.

        Raises:
            ToolError: the name is empty or taken, or the address is unknown.
        """
        check_text(name=name)
        if name.casefold() in map(str.casefold, self.world.places):
            raise ToolError(f"there is a place {name!r}")
        place = Place(name, self._address(address), collection)
        self.world.places[name] = place
        return {"name": name, "address": place.address}

    @tool
    def request_ride(self, pickup: str, dropoff: str, car: Car = "standard", party: Party | None = None, at: str = "") -> dict[str, Any]:
        """Order a car with a driver.

        Args:
            pickup: saved place or address
            dropoff: saved place or address
            car: large has six seats, the others four
            party: who rides along, default one adult
            at: YYYY-MM-DD HH:MM, default now

        Returns:
            The id of the ride, its km, and its fare in euros.

        Raises:
            ToolError: a place is unknown, the places are the same, the party does not fit, or the moment is none or past.
        """
        start, end = self._address(pickup), self._address(dropoff)
        if start == end:
            raise ToolError(f"pickup and dropoff are both {start}")
        adults, children = (party or {}).get("adults", 1), (party or {}).get("children", 0)
        check_number(1, 6, adults=adults)
        check_number(0, 5, children=children)
        if adults + children > SEATS[car]:
            raise ToolError(f"{adults + children} people do not fit, a {car} car has {SEATS[car]} seats")
        moment = checked_moment(self.world, at) if at else ""
        metres = self._way(start, end, avoid_tolls=False)[1]
        self.world.rides.append(Ride(start, end, car, adults, children, moment))
        base, per_km = FARES[car]
        return {"id": self.world.new_id("r"), "km": metres / 1000, "fare": euros(base + metres * per_km // 1000)}

    def _address(self, place: str) -> str:
        address = self.world.address(place)
        if address is None:
            raise ToolError(f"no place {place!r}: neither a saved place nor a number and a street of the town")
        return address

    def _way(self, start: str, end: str, avoid_tolls: bool) -> tuple[list[str], int, int]:
        """The streets of the shortest way, its metres, and how many of its roads have a toll."""
        (_, first), (_, last) = start.split(" ", 1), end.split(" ", 1)
        heap: list[tuple[int, int, list[str]]] = [(100, 0, [first])]  # to the end of the first street
        done: set[str] = set()
        while heap:
            metres, tolls, streets = heapq.heappop(heap)
            if streets[-1] == last:
                return streets, metres, tolls
            if streets[-1] in done:
                continue
            done.add(streets[-1])
            for street, road in self.world.streets[streets[-1]].items():
                if not (road.toll and avoid_tolls):
                    heapq.heappush(heap, (metres + road.metres, tolls + road.toll, [*streets, street]))
        raise ToolError(f"no way from {start} to {end}")
