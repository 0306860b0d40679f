"""The server that the tests talk to, and pictures to send it."""

import io
import os
import re
import unittest
import urllib.request

from PIL import Image

URL = os.environ["ATELIER_URL"]
SIDE = 32


def picture(mode="RGB", colour=(200, 60, 60)):
    return Image.new(mode, (SIDE, SIDE), colour)


def left_half(inside, outside, mode):
    """A mask whose left half differs."""
    mask = Image.new(mode, (SIDE, SIDE), outside)
    mask.paste(inside, (0, 0, SIDE // 2, SIDE))
    return mask


def png(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def opened(file):
    image = Image.open(io.BytesIO(file))
    image.load()
    return image


def requests_of(route):
    """How many requests of a route have been answered, whatever the answer."""
    with urllib.request.urlopen(f"{URL}/metrics", timeout=10) as answer:
        metrics = answer.read().decode()
    lines = re.findall(rf'^atelier_http_requests_total\{{[^}}]*route="{re.escape(route)}"[^}}]*\}} (\d+)', metrics, re.M)
    return sum(int(count) for count in lines)


class ClientTest(unittest.TestCase):
    def assert_asked_once(self, route, ask):
        """What fails each time is not tried again."""
        before = requests_of(route)
        ask()
        self.assertEqual(requests_of(route) - before, 1)
