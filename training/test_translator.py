"""What the training of the translator promises, in seconds."""

import unittest

import numpy as np
import torch

import translator
import translator_data
import translator_judge
import translator_programs
import translator_release
from translator import TARGETS
from translator_programs import PLANES, TILE, patterns

SMALL = translator.Config(widths=(4, 6, 8), judge=4)


def photo(height: int = 96, width: int = 112) -> torch.Tensor:
    """Smooth, with edges: [1, 3, height, width]."""
    y, x = torch.meshgrid(torch.arange(height) / 20, torch.arange(width) / 17, indexing="ij")
    return torch.stack([0.5 + 0.4 * torch.sin(x + y), 0.3 + 0.3 * (x > 3), 0.5 + 0.3 * torch.cos(y)])[None]


class TestPrograms(unittest.TestCase):
    def test_patterns_repeat_without_a_seam(self):
        self.assertEqual(len(translator_programs.tile()), len(PLANES))
        for name, plane in zip(PLANES, translator_programs.tile(), strict=True):
            for axis in (0, 1):
                steps = (plane - plane.roll(1, axis)).square().mean(1 - axis)
                self.assertLess(steps[0], 2.5 * steps.mean(), name)

    def test_a_part_is_painted_as_the_whole(self):
        whole, (top, left) = photo(96, 224), (0, 64)
        for name, program in translator_programs.PHOTO_PROGRAMS.items():
            painted = program(whole, patterns(96, 224)[None])
            part = program(whole[:, :, top:, left:], patterns(96, 160, (top, left))[None])
            apart = (painted[:, :, :, left + 64 :] - part[:, :, :, 64:]).abs()
            self.assertLess(float(apart.quantile(0.999)), 0.01, name)

    def test_strokes_lie_along_edges(self):
        stripes = torch.sin(torch.arange(64) / 3).expand(1, 1, 64, 64)
        cos2, sin2 = translator_programs.along_edges(stripes, 3.0)  # bars that stand upright
        self.assertLess(float(cos2[..., 16:-16, 16:-16].max()), -0.95)
        cos2, sin2 = translator_programs.along_edges(stripes.transpose(2, 3), 3.0)
        self.assertGreater(float(cos2[..., 16:-16, 16:-16].min()), 0.95)

    def test_a_drawing_has_lines_where_colours_meet_and_nowhere_else(self):
        picture = torch.ones(1, 3, 32, 32)
        picture[..., 16:] = torch.tensor([0.9, 0.2, 0.2])[:, None, None]
        drawn = translator_programs.drawn_edges(picture)[0, 0]
        self.assertLess(float(drawn[:, 15:17].max()), 0.1)
        self.assertGreater(float(torch.cat([drawn[:, :11], drawn[:, 21:]], 1).min()), 0.99)


class TestTranslator(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        self.network = translator.Translator(SMALL).eval()
        self.image, self.pattern = torch.rand(1, 3, TILE, TILE), patterns(TILE, TILE)[None]

    @torch.no_grad()
    def to(self, target: str, image: torch.Tensor | None = None) -> torch.Tensor:
        return self.network(self.image if image is None else image, torch.tensor([TARGETS.index(target)]), self.pattern)

    def test_each_target_is_another_picture(self):
        painted = [self.to(target) for target in TARGETS]
        for at, one in enumerate(painted):
            for other in painted[at + 1 :]:
                self.assertGreater(float((one - other).abs().mean()), 1e-3)

    def test_pencil_and_ink_see_no_colours(self):
        plain = translator.summed(self.image, translator.LUMA).expand(-1, 3, -1, -1)
        for target, same in (("pencil", True), ("ink", True), ("oil", False), ("icon", False)):
            found = torch.allclose(self.to(target), self.to(target, plain), atol=1e-5)
            self.assertEqual(found, same, target)

    def test_pens_spread_their_colour_to_what_lies_near_them(self):
        drawing = torch.ones(1, 3, 64, 64)
        drawing[..., 30:33] = torch.tensor([0.9, 0.2, 0.2])[:, None, None]
        near, far = (1 - one[..., 32, 40] for one in translator.spread(drawing))
        for colour in (near, far):
            self.assertGreater(float(colour[0, 0] - colour[0, 1]), 0.4)

    def test_the_shipped_graph_repeats_its_patterns(self):
        shipped = translator.Shipped(self.network).eval()
        twice = self.image.repeat(1, 1, 1, 3)
        with torch.no_grad():
            found = shipped(twice, torch.tensor([TARGETS.index("oil")]))
        middle = found[..., TILE : 2 * TILE]
        self.assertTrue(torch.allclose(middle[..., 40:-40], found[..., : TILE][..., 40:-40], atol=1e-4))

    def test_a_step_teaches_every_target_and_the_judge(self):
        random = np.random.default_rng(0)
        icon = random.integers(256, size=(3, translator_data.SIDE, translator_data.SIDE, 4), dtype=np.uint8)
        picture = random.integers(256, size=(140, 150, 3), dtype=np.uint8)
        painted = translator_data.Painted(picture, dict.fromkeys(translator_programs.PHOTO_PROGRAMS, picture))
        trainer = translator.Trainer(SMALL, translator_data.Icons(["a", "b", "c"], icon, icon), [painted])
        found = trainer.step(SMALL.alone)
        self.assertEqual(set(found), {*TARGETS, "judge"})
        self.assertTrue(all(np.isfinite(value) for value in found.values()))


class TestData(unittest.TestCase):
    def test_a_concept_is_held_out_with_and_without_its_variation_selector(self):
        for code in ("2764", "1f600", "2708"):
            self.assertEqual(translator_data._part(code), translator_data._part(f"{code}-fe0f"))

    def test_skin_tones_and_trades_are_left(self):
        said = {"1f600": True, "1f44d-1f3fd": False, "1f469-200d-1f680": False, "2764-fe0f": True}
        self.assertEqual({code: translator_data._is_plain(code) for code in said}, said)

    def test_a_drawing_with_coloured_pens_has_the_colours_within(self):
        picture = np.full((32, 32, 3), 255, np.uint8)
        picture[8:24, 8:24] = (200, 40, 40)
        black, coloured = (translator.outlined(picture, np.random.default_rng(0), coloured) for coloured in (False, True))
        self.assertEqual(int(np.ptp(black, -1).max()), 0)
        self.assertGreater(int(np.ptp(coloured, -1).max()), 120)
        self.assertEqual(int(min(black[:2].min(), coloured[:2].min())), 255)


class TestCard(unittest.TestCase):
    def test_every_target_has_words_in_three_languages_that_no_other_has(self):
        self.assertEqual(list(translator_release.WORDS), list(TARGETS))
        for language in range(3):
            words = [word for said in translator_release.WORDS.values() for word in said[language]]
            self.assertEqual(len(words), len(set(words)))
        self.assertTrue(all(all(said) and len(said) == 3 for said in translator_release.WORDS.values()))

    def test_sentences_have_the_same_numbers_in_every_language(self):
        for said in translator_release.SENTENCES:
            self.assertEqual(len({one.count("#") for one in said}), 1, said[0])

    def test_the_judge_knows_every_target(self):
        self.assertLess(set(TARGETS), set(translator_judge.DOMAINS))


if __name__ == "__main__":
    unittest.main()
