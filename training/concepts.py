"""What the embedded model is taught: the words of its world and the drawings behind them."""

from __future__ import annotations

from dataclasses import dataclass

# sRGB 0..255. The words of the border of a picture: what "background obedience" is measured against.
BACKGROUNDS: dict[str, tuple[int, int, int]] = {
    "white": (255, 255, 255),
    "gray": (158, 160, 166),
    "black": (22, 22, 26),
    "red": (214, 52, 56),
    "orange": (246, 146, 54),
    "yellow": (252, 216, 88),
    "green": (84, 172, 92),
    "teal": (32, 150, 152),
    "sky blue": (152, 208, 248),
    "blue": (58, 104, 210),
    "purple": (138, 88, 190),
    "pink": (252, 176, 204),
    "brown": (126, 86, 58),
}

# Hue in turns (0 = red). The words that may stand before a noun.
COLOURS: dict[str, float] = {
    "red": 0.0,
    "orange": 0.075,
    "yellow": 0.145,
    "green": 0.33,
    "blue": 0.59,
    "purple": 0.755,
    "pink": 0.91,
}


@dataclass(frozen=True)
class Concept:
    """One thing to draw: its noun, the file name in the emoji set, other words, and whether hue may turn."""

    noun: str
    drawing: str
    synonyms: tuple[str, ...] = ()
    recolour: bool = False
    flip: bool = True


def _concept(line: str) -> Concept:
    """Parse 'noun | drawing | synonym, synonym | flags' (flags: c = any colour, n = never mirrored)."""
    noun, drawing, synonyms, flags = (part.strip() for part in line.split("|"))
    words = tuple(word.strip() for word in synonyms.split(",") if word.strip())
    return Concept(noun, drawing or noun.replace(" ", "-"), words, "c" in flags, "n" not in flags)


_SMALL_WORLD = """
apple | red-apple | fruit | c
banana | | | c
strawberry | | berry | c
watermelon | | melon slice | c
pineapple | | ananas | c
cherries | | cherry | c
lemon | | citrus | c
avocado | | guacamole |
carrot | | vegetable | c
hamburger | | burger, cheeseburger |
pizza | | pizza slice |
doughnut | | donut | c
cupcake | | muffin | c
ice cream | soft-ice-cream | ice cream cone, gelato |
birthday cake | birthday-cake | cake | c
cup of coffee | hot-beverage | coffee, cup of tea |
mushroom | | toadstool | c
cactus | | | c
sunflower | | | c
tulip | | flower, blossom | c
rose | | | c
tree | deciduous-tree | oak | c
pine tree | evergreen-tree | fir, christmas tree | c
palm tree | palm-tree | palm |
four leaf clover | four-leaf-clover | clover, lucky clover | c
cat | cat-face | kitty, kitten, cat face | c
dog | dog-face | puppy, doggy, dog face |
fox | | fox face | c
panda | | panda bear |
frog | | toad, frog face | c
koala | | koala bear |
penguin | | |
owl | | |
lion | | lion face |
tiger | tiger-face | tiger face | c
pig | pig-face | piglet, pig face | c
rabbit | rabbit-face | bunny, rabbit face |
bear | | bear face, grizzly | c
mouse | mouse-face | mouse face |
unicorn | | |
butterfly | | | c
ladybug | lady-beetle | ladybird, beetle | c
tropical fish | tropical-fish | fish | c
octopus | | | c
whale | spouting-whale | | c
turtle | | tortoise | c
snail | | | c
chick | front-facing-baby-chick | baby chick, chicken | c
ghost | | spook, spirit |
alien | | extraterrestrial, martian | c
robot | | bot, android |
pumpkin | jack-o-lantern | jack o lantern, halloween pumpkin | c
snowman | snowman-without-snow | |
skull | | |
rocket | | spaceship |
car | automobile | automobile, auto | c
bus | | school bus | c
sailboat | | boat, yacht | c
helicopter | | chopper | c
house | | home, cottage |
castle | | fortress |
sun | | sunshine | n
moon | crescent-moon | crescent moon | c
star | | | c
cloud | | |
rainbow | | | n
snowflake | | |
fire | | flame | c
heart | red-heart | love | c
umbrella | umbrella-with-rain-drops | | c
guitar | | | c
balloon | | | c
crown | | | c
diamond | gem-stone | gem, jewel | c
key | | | c
bell | | | c
light bulb | light-bulb | bulb, lamp |
gift | wrapped-gift | present, gift box | c
trophy | | cup | 
soccer ball | soccer-ball | football |
basketball | | | c
camera | | photo camera |
book | closed-book | closed book | c
teddy bear | teddy-bear | teddy, plush bear | c
planet | ringed-planet | saturn | c
smiley | grinning-face-with-smiling-eyes | smiling face, happy face | c
smiley with sunglasses | smiling-face-with-sunglasses | cool face, face with sunglasses | c
smiley with heart eyes | smiling-face-with-heart-eyes | face in love, heart eyes |
"""

SMALL_WORLD: tuple[Concept, ...] = tuple(_concept(line) for line in _SMALL_WORLD.strip().splitlines())
