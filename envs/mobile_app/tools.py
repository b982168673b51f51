"""MobileApp: twenty-two tools over one person's phone and its apps.

Several names begin alike (create_note, create_album, create_post; search_messages, search_notes, search_photos,
search_songs; request_ride, request_payment): the right tool is told apart late in its name.
"""

from __future__ import annotations

import numpy as np

from envs.mobile_app.weak_tools import WeakApps, WeakAudio, WeakConversations, WeakMoney, WeakPictures, WeakReminders, WeakTravel
from envs.mobile_app.world import World, build
from envs.scenario.env import ScenarioEnv


class MobileApp(WeakConversations, WeakReminders, WeakPictures, WeakAudio, WeakTravel, WeakApps, WeakMoney, ScenarioEnv):
    """The phone of one person. Its areas come with the weak mixins, each of which extends one."""

    world: World

    @classmethod
    def build(cls, random: np.random.Generator) -> World:
        return build(random)
