"""What the command line takes, and what it says of the rest."""

from argparse import ArgumentTypeError

import pytest

from service.command_line import names_of_devices, whole_from_1


def test_devices_are_named_with_commas() -> None:
    assert names_of_devices("cuda:0, cuda:1") == ("cuda:0", "cuda:1")
    assert names_of_devices("cpu") == ("cpu",)


@pytest.mark.parametrize(
    "text", ["", "gpu", "cuda:", "cuda:0,", "cuda:0;cuda:1", "CUDA:0", "cuda:-1", "cuda:1000"]
)
def test_what_names_no_device_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="does not name devices, like cuda:0,cuda:1"):
        names_of_devices(text)


def test_a_number_of_pictures_is_whole_and_bounded() -> None:
    assert [whole_from_1(text) for text in ("1", "8", "64")] == [1, 8, 64]
    for text in ("", "0", "65", "-1", "2.0", "many", "٣"):
        with pytest.raises(ArgumentTypeError, match="is not a whole number from 1 to 64"):
            whole_from_1(text)
