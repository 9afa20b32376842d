"""What a network's answer means: the same weights read as another prediction, on another schedule."""

from dataclasses import replace

from diffusion.sampling.schedules import NoiseSchedule
from diffusion.values import Model, Prediction


def read_as(model: Model, prediction: Prediction, *, ends_in_noise: bool) -> Model:
    """The model with another prediction, on the schedule of its training; `ends_in_noise` rescales that.

    A consistency model ("lcm") was distilled at fifty of the steps.
    """
    schedule = model.schedule if model.family == "x4" else NoiseSchedule.scaled_linear()
    if ends_in_noise:
        schedule = schedule.ending_in_noise()
    if prediction == "lcm":
        schedule = schedule.distilled()
    return replace(model, prediction=prediction, schedule=schedule)
