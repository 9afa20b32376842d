"""Philox against its authors' known answers, and torch's noise on a GPU against published numbers."""

import numpy as np
import pytest
import torch

from diffusion.sampling.philox import PhiloxGenerator, philox

# Random123's kat_vectors for philox4x32 with 10 rounds: counter, key, result.
KNOWN = [
    ("0" * 32, "0" * 16, "6627e8d5e169c58dbc57ac4c9b00dbd8"),
    ("f" * 32, "f" * 16, "408f276d41c83b0ea20bc7c66d5451fd"),
    ("243f6a8885a308d313198a2e03707344", "a4093822299f31d0", "d16cfe0994fdcceb5001e42024126ea1"),
]
# torch.randn(3, 4, device="cuda") after torch.manual_seed(0), as A1111's web UI documents it.
ON_A_GPU = [
    [-0.92466259, -0.42534415, -2.6438457, 0.14518388],
    [-0.12086647, -0.57972564, -0.62285122, -0.32838709],
    [-1.07454231, -0.36314407, -1.67105067, 2.26550497],
]


def words(text):
    return [int(text[at : at + 8], 16) for at in range(0, len(text), 8)]


@pytest.mark.parametrize(("counter", "key", "result"), KNOWN)
def test_words_are_the_known_answers(counter, key, result):
    assert philox(np.array(words(counter))[:, None], tuple(words(key)))[:, 0].tolist() == words(result)


def test_noise_is_that_of_a_gpu():
    torch.testing.assert_close(PhiloxGenerator(0).randn((3, 4)), torch.tensor(ON_A_GPU), rtol=0, atol=1e-6)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_noise_is_that_of_this_gpu():
    for seed in (0, 2**40 + 17):
        ours, theirs = PhiloxGenerator(seed), torch.Generator("cuda").manual_seed(seed)
        for _ in range(3):
            expected = torch.randn((4, 64, 64), generator=theirs, device="cuda").cpu()
            torch.testing.assert_close(ours.randn((4, 64, 64)), expected, rtol=0, atol=2e-6)


def test_draws_follow_each_other():
    draws = PhiloxGenerator(3)
    first, second = draws.randn((4, 32, 32)), draws.randn((4, 32, 32))
    again = PhiloxGenerator(3)
    assert torch.equal(first, again.randn((4, 32, 32))) and torch.equal(second, again.randn((4, 32, 32)))
    assert abs(float(torch.corrcoef(torch.stack([first.flatten(), second.flatten()]))[0, 1])) < 0.05
    assert abs(float(first.mean())) < 0.05 and abs(float(first.std()) - 1) < 0.05
