"""What the training of upscaler and painter promises, in seconds."""

import struct
import tempfile
import unittest
import zlib
from pathlib import Path

import numpy as np
import torch

import export
import painter
import painter_planes
import patterns
import photographs
import style_programs
import style_words
import stylist
import upscaler
import upscaler_release


def landscape(height: int = 64, width: int = 80) -> np.ndarray:
    """A bright sky over a dark hill with a sun: uint8 [H, W, 3]."""
    rows, columns = np.mgrid[:height, :width]
    picture = np.stack([180 - rows, 200 - rows, 230 - rows // 2], -1)
    picture[rows > height * 0.6 + 6 * np.sin(columns / 9)] = (50, 90, 40)
    picture[(rows - 14) ** 2 + (columns - 20) ** 2 < 60] = (250, 220, 90)
    return picture.astype(np.uint8)


class TestPhotographs(unittest.TestCase):
    def test_share_alike_and_copyleft_are_left(self):
        said = {"Public Domain": True, "CC0-1.0": True, "CC-BY 2.0": True, "CC-BY-4.0": True, "CC-BY-SA 4.0": False, "GPLv3": False, "GFDL": False}
        self.assertEqual({license: photographs._is_free(license) for license in said}, said)

    def test_a_stanza_names_its_files_beside_or_below(self):
        text = "Copyright: 2014, Ann\nLicense: CC0-1.0\nFiles:\na.webp\nb.webp\n\nCopyright: Bo\nLicense: CC-BY-2.0\nFiles: c.webp\n"
        found = list(photographs._stanzas(text))
        self.assertEqual(found, [("a.webp", "Ann", "CC0-1.0"), ("b.webp", "Ann", "CC0-1.0"), ("c.webp", "Bo", "CC-BY-2.0")])

    def test_a_resource_file_is_read_with_its_deflated_parts(self):
        names = b"".join(struct.pack(">HI", len(name), 0) + name.encode("utf-16-be") for name in ("in", "a", "b"))
        stored = [b"plain", struct.pack(">I", 6) + zlib.compress(b"packed")]
        values = b"".join(struct.pack(">I", len(value)) + value for value in stored)
        node = lambda name, flags, first, second: struct.pack(">IHII8x", name, flags, first, second)  # noqa: E731
        tree = node(0, 2, 1, 1) + node(0, 2, 2, 2) + node(10, 0, 0, 0) + node(18, 1, 0, 4 + len(stored[0]))
        head = struct.pack(">4sIIII", b"qres", 2, 20, 20 + len(tree), 20 + len(tree) + len(values))
        self.assertEqual(photographs._resources(head + tree + values + names), {"/in/a": b"plain", "/in/b": b"packed"})

    def test_what_is_shown_is_never_learnt_from(self):
        parts = photographs.load(sliver=True)
        self.assertEqual({one.name for one in parts["held_out"]}, set(photographs.SHOWN))
        self.assertFalse({one.name for one in parts["train"]} & set(photographs.SHOWN))


class TestUpscaler(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        self.network = upscaler.Upscaler(upscaler.Config(width=8, depth=4)).eval()

    def test_a_value_depends_on_its_reach_and_no_more(self):
        picture = torch.rand(1, 3, 40, 40)
        reach = upscaler.Config(depth=4).reach
        with torch.no_grad():
            whole = self.network(picture, 2)
            part = self.network(picture[..., 20 - reach :, :], 2)
        self.assertTrue(torch.allclose(whole[..., 40:, :], part[..., 2 * reach :, :], atol=1e-6))
        self.assertFalse(torch.allclose(whole[..., 40 - 2 * reach : 44 - 2 * reach, :], part[..., :4, :], atol=1e-6))

    def test_alpha_stays_where_it_was(self):
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "x2.onnx"
            picture = np.zeros((24, 24, 4), np.uint8)
            picture[8:16, 8:16] = (200, 40, 40, 255)
            with torch.no_grad():  # a net that only copies
                for parameter in self.network.heads.parameters():
                    parameter.zero_()
            export.trace(upscaler.Shipped(self.network, 2), path, {"image": torch.rand(2, 3, 8, 8)}, ["enlarged"], {"image": {2: "h", 3: "w"}})
            found = upscaler_release.enlarge(export.session(path), picture, 2)
        self.assertTrue(np.array_equal(found, picture.repeat(2, 0).repeat(2, 1)))

    def test_every_reduction_keeps_the_size_that_is_asked(self):
        for at in range(12):
            small = upscaler.degrade(landscape(), 4, np.random.default_rng(at))
            self.assertEqual((small.shape, small.dtype), ((16, 20, 3), np.dtype("uint8")))


class TestStyles(unittest.TestCase):
    def test_each_style_changes_the_picture_by_its_seed_alone(self):
        photo = landscape(96, 112)
        for style in style_programs.STYLES:
            once, again, other = (style_programs.paint(photo, style, seed) for seed in (1, 1, 2))
            self.assertEqual(once.shape, photo.shape, style)
            self.assertTrue(np.array_equal(once, again), style)
            self.assertGreater(np.abs(once.astype(int) - photo).mean(), 5, style)
            if style not in ("pixel-art", "comic", "pop-art"):  # these draw nothing by chance
                self.assertFalse(np.array_equal(once, other), style)

    def test_every_style_has_words_in_three_languages(self):
        self.assertEqual(list(style_words.WORDS), list(style_programs.STYLES))
        for style, words in style_words.WORDS.items():
            self.assertTrue(all(words) and len(words) == 3, style)


class TestPatterns(unittest.TestCase):
    def test_tiles_repeat_without_a_seam(self):
        for name, tile in patterns.tiles().items():
            if name.endswith(("-down", "-right", "-tint")):
                continue  # these jump from cell to cell
            steps = np.square(tile.astype(float) - np.roll(tile, 1, 0)).mean(1)
            self.assertLess(steps[0], 2 * steps.mean(), name)

    def test_the_painter_is_told_what_the_programs_drew_with(self):
        ground, offset = patterns.Ground((32, 48), (8, 16)), (8, 16)
        photo = torch.rand(1, 3, 32, 48)
        planes = dict(painter_planes.Planes()(photo, offset))
        for at, name in enumerate(patterns.WAVES):
            self.assertLess(np.abs(planes["lines"][0, at].numpy() + 0.5 - ground.lines(name)).max(), 1e-3, name)
        for at, name in enumerate(patterns.SCREENS):
            self.assertLess(np.abs(4 * (planes["screens"][0, at].numpy() + 0.5) - ground.screen(name)).max(), 1e-3, name)
        middles = ground.at_centres(painter_planes.mean_of(photo, 5)[0].permute(1, 2, 0).numpy(), "tesserae")
        self.assertLess(np.abs(planes["tesserae"][0, :3].permute(1, 2, 0).numpy() + 0.5 - middles).max(), 1e-5)

    def test_contrast_is_spread_as_the_programs_spread_it(self):
        photo = landscape().astype(np.float32) / 255
        tensor = torch.from_numpy(photo).permute(2, 0, 1)[None]
        found = painter_planes.contrasted(tensor, painter_planes.contrast(tensor))[0].permute(1, 2, 0).numpy()
        self.assertLess(np.abs(found - style_programs.contrasted(photo)).max(), 1e-4)

    def test_planes_are_as_many_as_is_said(self):
        for name, planes in painter_planes.Planes()(torch.rand(1, 3, 16, 24)):
            self.assertEqual(planes.shape[1:], (painter_planes.GROUPS[name], 16, 24), name)


class TestPainter(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        self.network = painter.Painter(painter.Config(fine=4, widths=(4, 6), dilations=(1,))).eval()
        self.style = torch.rand(1, len(painter.STYLES))

    def test_a_painting_has_the_size_of_its_picture(self):
        for size in ((33, 50), (64, 31), (48, 48)):
            with torch.no_grad():
                found = painter.framed(self.network, torch.rand(1, 3, *size), self.style)
            self.assertEqual(tuple(found.shape[2:]), size)

    def test_a_vector_comes_from_a_picture_of_any_size(self):
        reader = stylist.Shipped(stylist.Stylist())
        numbers = len(painter.STYLES) + stylist.COLOURS
        self.assertEqual([tuple(reader(torch.rand(2, 3, *size)).shape) for size in ((40, 60), (17, 33))], [(2, numbers)] * 2)

    def test_colours_are_taken_on_as_far_as_is_asked(self):
        painted, model = torch.rand(1, 3, 40, 40) * 0.5, torch.rand(1, 3, 30, 30) * 0.2 + 0.7
        wanted = torch.cat([torch.ones(1, 1), *(one.flatten(1) for one in stylist.moments(model))], 1)
        taken = stylist.in_colours(painted, wanted)
        self.assertTrue(torch.allclose(taken.mean((2, 3)), model.mean((2, 3)), atol=1e-4))
        self.assertTrue(torch.allclose(stylist.in_colours(painted, 0 * wanted), painted, atol=1e-6))
        halfway = stylist.in_colours(painted, 0.5 * wanted)
        self.assertTrue(torch.allclose(halfway, (painted + taken) / 2, atol=1e-5))

    def test_patterns_repeat_with_their_tile(self):
        image = torch.rand(1, 3, 16, 16)
        with torch.no_grad():
            grounds = [dict(self.network.planes(image, offset))["grounds"] for offset in ((3, 5), (3 + patterns.TILE, 5 - patterns.TILE))]
        self.assertTrue(torch.equal(*grounds))

    def test_flats_keep_edges_and_drop_grain(self):
        sharp = torch.zeros(1, 3, 24, 24)
        sharp[..., 12:] = 1.0
        found = painter_planes.flat(sharp + 0.05 * torch.randn(sharp.shape, generator=torch.Generator().manual_seed(0)))
        self.assertLess(found[..., :11].max(), 0.2)
        self.assertGreater(found[..., 13:].min(), 0.8)
        self.assertLess(found[..., :10].std(), 0.025)


if __name__ == "__main__":
    unittest.main()
