"""Pictures of four characters, which people read at a glance and machines with some trouble."""

from functools import cache
from io import BytesIO
from secrets import SystemRandom

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 160, 60
FONT_SIZE = 44
MAX_TURN_DEGREES = 22
# Dark on light: every one of them has a contrast of at least 7:1 to the paper.
PAPER = (248, 249, 252)
INKS = [(20, 50, 120), (110, 20, 60), (10, 80, 60), (90, 50, 0), (70, 20, 120)]

random = SystemRandom()


def draw(text: str) -> bytes:
    """``text`` as a PNG: each character of its own ink, turned and shifted, lines across, dots all over."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    canvas = ImageDraw.Draw(image)
    for _ in range(120):
        canvas.point((random.randrange(WIDTH), random.randrange(HEIGHT)), random.choice(INKS))
    room = (WIDTH - 16) // len(text)
    for place, character in enumerate(text):
        glyph, ink = _glyph(character), random.choice(INKS)
        left = 8 + place * room + (room - glyph.width) // 2 + random.randint(-3, 3)
        top = (HEIGHT - glyph.height) // 2 + random.randint(-5, 5)
        image.paste(ink, (left, top), glyph)
    for _ in range(3):
        ends = [(x, random.randrange(8, HEIGHT - 8)) for x in (0, WIDTH // 2, WIDTH)]
        canvas.line(ends, random.choice(INKS), width=1)
    file = BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()


def _glyph(character: str) -> Image.Image:
    """One character, turned a little, white on black and cut to its size."""
    mask = Image.new("L", (2 * FONT_SIZE, 2 * FONT_SIZE))
    ImageDraw.Draw(mask).text(
        (FONT_SIZE, FONT_SIZE), character, 255, _font(), anchor="mm", stroke_width=1
    )
    turn = random.uniform(-MAX_TURN_DEGREES, MAX_TURN_DEGREES)
    mask = mask.rotate(turn, Image.Resampling.BICUBIC)
    return mask.crop(mask.getbbox())


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The one inside Pillow: nothing to install."""
    return ImageFont.load_default(size=FONT_SIZE)
