"""Values in words."""

import torch

from diffusion.describe import described
from diffusion.values import Latent


def test_text_and_numbers_are_shown_as_they_are():
    assert described("a\nb") == "a\nb" and described(7) == "7" and described(True) == "True"
    assert described((14.6, 0.0)) == "(14.6, 0.0)" and described(()) == "()"


def test_tensors_tell_shape_and_range():
    said = described(torch.tensor([[0.0, 1.0], [0.5, 0.5]]))
    assert said == "2 x 2 float32, 0 to 1, mean 0.5, deviation 0.3536"
    assert described(torch.tensor([1.0, torch.nan])).endswith("deviation 0, 1 not finite")
    assert described(torch.zeros(0, 3)) == "0 x 3 float32"
    assert described(torch.tensor([torch.inf])) == "1 float32, 1 not finite"


def test_values_tell_their_fields_and_lists_their_first_entries():
    said = described(Latent(torch.zeros(1, 4, 2, 2), batch_index=(3,)))
    assert said.splitlines() == [
        "Latent",
        "samples: 1 x 4 x 2 x 2 float32, 0 to 0, mean 0, deviation 0",
        "batch_index: (3,)",
    ]
    many = described([torch.zeros(1)] * 10).splitlines()
    assert many[0] == "10 of" and len(many) == 10 and many[-1] == "… and 2 more"


def test_networks_tell_their_size():
    assert described(torch.nn.Linear(10, 10)) == "Linear of 0.00 million weights, 0.0 MB"
