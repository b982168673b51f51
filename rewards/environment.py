"""What an environment's own `step` returns as reward, for gymnasium environments that have one: nothing is compared with gold."""

from __future__ import annotations

from raytool.records import Episode, Judgement, Verdict


class EnvironmentReward:
    """A turn's reward stands on its last call; one of a turn without a call, which is a closing text, counts as the outcome.

    A turn that the environment did not take, since it could not be read or is a closing text that was refused, gets `unreadable`. A
    category is the call's feedback. Where an episode was cut the environment was asked once more whether its goal is reached, for 1.
    """

    def __init__(self, unreadable: float = -1.0):
        self.unreadable = unreadable

    def __call__(self, episode: Episode) -> Judgement:
        verdicts: list[Verdict] = []
        outcome = float(episode.stop.cut and episode.goal_reached is True)
        for turn in episode.turns:
            if not turn.calls:
                outcome += turn.env_reward
                continue
            last = turn.env_reward if turn.calls[-1].call is not None else self.unreadable
            for place, call in enumerate(turn.calls, 1):
                verdicts.append(Verdict(call.feedback.value, last if place == len(turn.calls) else 0.0))
        return Judgement(tuple(verdicts), outcome)
