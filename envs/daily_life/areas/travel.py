"""The tools over journeys: trains, flights and buses between towns, and hotels."""

from __future__ import annotations

from typing import Any, Literal

from envs.daily_life.areas.checks import checked_coming, checked_count, known
from envs.daily_life.vocabulary import CURRENCY_OF_TOWN
from envs.daily_life.world import SUPPLEMENT, Connection, Stay, TravelClass, Trip, World
from envs.scenario.checks import checked_time
from envs.scenario.rounding import tidy
from raytool.env import ToolError, tool

SHOWN = 3  # entries of a listing; the count is always of all
FIRST_CLASS = 1.6  # times the price of the second
LONGEST_STAY = 30  # nights
ANY_PRICE = 1e6


class Travel:
    """Three tools; fares are in the currency of the household, prices of hotels in that of their town."""

    world: World

    @tool
    def find_connections(
        self,
        origin: str,
        destination: str,
        date: str,
        mode: Literal["any", "train", "flight", "bus"] = "any",
        depart_after: str = "00:00",
        arrive_by: str = "23:59",
        sort_by: Literal["departure", "price", "duration"] = "departure",
    ) -> dict[str, Any]:
        """Find trains, flights and buses between two towns on a day.

        Args:
            origin: town
            destination: town
            date: YYYY-MM-DD
            mode: how to travel
            depart_after: HH:MM, earliest departure
            arrive_by: HH:MM, latest arrival
            sort_by: what to put first

        Returns:
            The count of connections, and the id, mode, departure, arrival and fare of the first ones.

        Raises:
            ToolError: there is no such town, both are the same, or a value is out of its range.
        """
        start, end = (known("town", town, self.world.towns) for town in (origin, destination))
        if start == end:
            raise ToolError(f"origin and destination are both {start}")
        checked_coming(date, self.world.today)
        earliest, latest = checked_time(depart_after), checked_time(arrive_by)
        found = [
            connection
            for connection in self.world.connections.values()
            if (connection.origin, connection.destination, connection.date) == (start, end, date)
            and mode in ("any", connection.mode)
            and earliest <= connection.depart
            and connection.arrive <= latest
        ]
        ranks = {"departure": lambda way: (way.depart, way.price), "price": lambda way: way.price, "duration": lambda way: way.minutes}
        columns = ("id", "mode", "depart", "arrive", "price")
        shown = sorted(found, key=ranks[sort_by])[:SHOWN]
        return {"count": len(found), "connections": [{name: getattr(way, name) for name in columns} for way in shown]}

    @tool
    def book_connection(self, connection_id: str, travellers: int = 1, travel_class: TravelClass = "second") -> dict[str, Any]:
        """Book seats on a train, flight or bus.

        Args:
            connection_id: e.g. c12
            travellers: how many people
            travel_class: where to sit

        Returns:
            The date, the departure, and the total fare.

        Raises:
            ToolError: there is no such connection, too few seats are left, or a bus is wanted in first class.
        """
        connection = self._connection(connection_id)
        checked_count("travellers", travellers, 1, 9)
        if connection.mode == "bus" and travel_class == "first":
            raise ToolError(f"{connection_id} is a bus and has no first class")
        if travellers > (left := self.world.seats_left(connection)):
            raise ToolError(f"{connection_id} has {left} seats left, not {travellers}")
        total = tidy(connection.price * travellers * (FIRST_CLASS if travel_class == "first" else 1))
        self.world.trips.append(Trip(connection, travellers, travel_class, total))
        return {"date": connection.date, "depart": connection.depart, "total": total, "currency": self.world.currency}

    @tool
    def book_hotel(
        self,
        town: str,
        check_in: str,
        nights: int = 1,
        guests: int = 1,
        min_stars: int = 1,
        max_price: float = ANY_PRICE,
        breakfast: bool = False,
    ) -> dict[str, Any]:
        """Book the cheapest hotel room in a town that meets the wishes.

        Args:
            town: where
            check_in: YYYY-MM-DD
            nights: how long
            guests: how many people share the room, up to 4
            min_stars: fewest stars
            max_price: highest total for the whole stay, in the currency of the town
            breakfast: with breakfast

        Returns:
            The hotel, and the total in the currency of the town.

        Raises:
            ToolError: there is no such town, a value is out of its range, or no room meets the wishes.
        """
        place = known("town", town, sorted({hotel.town for hotel in self.world.hotels.values()}))
        checked_coming(check_in, self.world.today)
        checked_count("nights", nights, 1, LONGEST_STAY)
        checked_count("guests", guests, 1, max(SUPPLEMENT))
        checked_count("min_stars", min_stars, 1, 5)
        offers = []
        for hotel in self.world.hotels.values():
            room = self.world.room_for(hotel, check_in, nights, guests)
            if hotel.town == place and hotel.stars >= min_stars and room:
                offers.append((hotel.price_of(room, nights, guests, breakfast), hotel.name, room))
        if not offers or min(offers)[0] > max_price:
            cheapest = f"; the cheapest is {min(offers)[0]:g}" if offers else ""
            raise ToolError(f"no room in {place} from {check_in} for {nights} nights meets the wishes{cheapest}")
        total, name, room = min(offers)
        self.world.stays.append(Stay(name, check_in, nights, guests, room, breakfast, total))
        return {"hotel": name, "check_in": check_in, "total": total, "currency": CURRENCY_OF_TOWN[place]}

    def _connection(self, connection_id: str) -> Connection:
        if connection_id not in self.world.connections:
            raise ToolError(f"no connection {connection_id!r}")
        return self.world.connections[connection_id]
