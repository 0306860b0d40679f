"""What emoji-diffusion's training promises, in seconds."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from paint import captions, icons, judge, known, lexicon, painter, pictures, shrinker, words
from paint.measure import has_colour, has_count


def apple() -> np.ndarray:
    """A red disc with a clear background."""
    rows, columns = np.mgrid[:64, :64]
    disc = (rows - 32) ** 2 + (columns - 32) ** 2 < 24**2
    picture = np.zeros((64, 64, 4), np.uint8)
    picture[disc] = (220, 30, 30, 255)
    return picture


class TestCaptions(unittest.TestCase):
    def test_a_plural_is_said_once(self):
        self.assertEqual(captions.counted("cat", 3, 0), "three cats")
        self.assertEqual(captions.counted("souris", 2, 1), "deux souris")
        self.assertEqual(captions.counted("mèo", 4, 2), "bốn mèo")

    def test_everyday_words_are_never_held_out(self):
        for emoji in lexicon.SYNONYMS:
            self.assertEqual(captions.split_of(icons.concept_of(emoji)), "train", emoji)

    def test_the_lexicon_speaks_three_languages(self):
        for phrases in (*lexicon.MODIFIERS, *(way for ways in lexicon.PAWS.values() for way in ways), *(way for ways in lexicon.SCENES.values() for way in ways)):
            self.assertEqual([phrase.count("{}") for phrase in phrases], [1, 1, 1])


class TestPictures(unittest.TestCase):
    def test_a_recoloured_picture_has_the_colour_and_keeps_its_shape(self):
        for colour in lexicon.COLOURS:
            painted = pictures.recolour(apple(), colour)
            self.assertTrue(has_colour(painted, colour), colour)
            self.assertTrue(np.array_equal(painted[..., 3], apple()[..., 3]))

    def test_paws_are_painted_and_nothing_else(self):
        painted = pictures.with_paws(apple(), "white")
        changed = (painted != apple()).any(-1)
        self.assertEqual((changed[:49].any(), bool(changed[50:56].any())), (False, True))
        self.assertTrue(np.array_equal(painted[..., 3], apple()[..., 3]))

    def test_several_are_as_many(self):
        for count in (2, 3, 4):
            self.assertTrue(has_count(pictures.several([apple()] * count), str(count)))

    def test_no_colour_lies_above_its_alpha(self):
        for scene in lexicon.SCENES:
            painted = pictures.staged(apple(), scene, apple())
            self.assertTrue((painted[..., :3] <= painted[..., 3:]).all())


class TestPainter(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        self.config = painter.Config(width=24, layers=1, heads=2, text_width=16, steering=8)
        keys, latents = torch.randn(5, 2, 12), torch.randn(5, 2, 16, 8, 8)
        self.memory = painter.Memory(torch.randn(16, 12), keys, latents, shrinker.Shrinker(4))

    def test_memory_proposes_what_is_nearest_to_each_state_unless_it_is_hidden(self):
        wanted = lambda concept: torch.linalg.lstsq(self.memory.project.T, self.memory.keys[concept, 1][:, None]).solution.T  # noqa: E731
        shaped = torch.stack([wanted(0), wanted(3), wanted(2)], 1)
        proposals, likeness = self.memory(shaped)
        self.assertEqual(proposals.shape, (1, self.memory.proposals, 16, 8, 8))
        for place, concept in ((0, 3), (2, 2), (3, 0)):
            self.assertTrue(torch.equal(proposals[0, 2 * place : 2 * place + 2], self.memory.latents[concept]))
            self.assertGreater(float(likeness[0, place]), 0.99)
        hidden, _ = self.memory(shaped, torch.tensor([[3, 3]]))
        self.assertFalse(torch.equal(hidden[:, :2], self.memory.latents[3][None]))

    def test_a_memory_whose_last_keys_are_zero_does_without_them(self):
        wanted = torch.linalg.lstsq(self.memory.project.T, self.memory.keys[4, 0][:, None]).solution.T
        shaped = wanted[:, None].expand(1, 3, 16)
        self.assertTrue(torch.equal(self.memory(shaped)[0][0, :2], self.memory.latents[4]))
        self.memory.keys[4] = 0
        self.assertFalse(torch.equal(self.memory(shaped)[0][0, :2], self.memory.latents[4]))

    def test_proposals_lie_where_the_composed_pictures_do(self):
        first, second = torch.full((1, 1, 16, 4, 4), 1.0), torch.full((1, 1, 16, 4, 4), 2.0)
        made = dict(zip((2, 3, 4), painter.arranged(first, second)[0, :, 0], strict=True))
        for count, places in painter.PLACES.items():
            expected = torch.zeros(8, 8)
            for turn, (top, left) in enumerate(places):
                expected[top : top + 4, left : left + 4] = 2.0 if count == 2 and turn == 1 else 1.0
            self.assertTrue(torch.equal(made[count], expected), count)
        top, left = painter.STAGE
        staged = painter.staged(torch.ones(1, 1, 16, 6, 6))[0, 0, 0]
        self.assertEqual((float(staged.sum()), float(staged[top : top + 6, left : left + 6].sum())), (36.0, 36.0))

    def test_folding_is_undone(self):
        latents = torch.randn(2, 16, 8, 8)
        self.assertTrue(torch.equal(painter.unfold(painter.fold(latents)), latents))

    def test_padding_of_the_prompt_changes_nothing(self):
        network = painter.Painter(self.config, self.memory)
        torch.nn.init.normal_(network.leave.weight)
        text = torch.randn(1, 5, 16)
        latents, noise = torch.randn(1, 16, 8, 8), torch.tensor([0.7])
        longer = torch.cat([text, torch.zeros(1, 4, 16)], 1)
        difference = network(latents, noise, text) - network(latents, noise, longer)
        self.assertLess(float(difference.detach().abs().max()), 1e-5)


class TestWords(unittest.TestCase):
    def test_padding_is_zero_and_changes_no_shaped_state(self):
        network = words.Encoder(words.Config(vocabulary=40, width=16, layers=1, heads=2)).eval()
        short = torch.tensor([[words.BEGIN, 9, words.END]])
        long = torch.tensor([[words.BEGIN, 9, words.END, words.PAD, words.PAD]])
        states, padded = network(short), network(long)
        self.assertTrue(torch.allclose(states[:, : words.SHAPED], padded[:, : words.SHAPED], atol=1e-5))
        self.assertEqual(float(padded[:, words.SHAPED + 2 :].detach().abs().max()), 0)

    def test_a_composition_has_the_nouns_as_its_subjects(self):
        nouns = [{language: [word] for language, word in zip(lexicon.LANGUAGES, three, strict=True)} for three in (("cat", "chat", "mèo"), ("dog", "chien", "chó"))]
        random = np.random.default_rng(3)
        for _ in range(60):
            texts, (whole,), (subject,), (companion,) = words._composed(*nouns, random)
            self.assertEqual((subject, companion), ("cat", "dog" if "dog" in whole else "cat"))
            self.assertTrue(all(texts))


class TestKnown(unittest.TestCase):
    def write(self, *told) -> Path:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        known.write(Path(scratch.name), *told)
        return Path(scratch.name)

    def test_a_prompt_is_nearest_to_the_caption_of_its_direction(self):
        names, plane = ["cat", " red\n apple"], np.array([[0, 400000], [400000, 0], [0, 0]], np.float32)
        folder = self.write(np.array([[9.0, 0.0], [0.3, 0.4]]), names, plane)
        self.assertEqual((folder / known.TENSORS).stat().st_mode & 0o777, 0o644)
        found = known.nearest(folder, np.array([[[0.0, 2, 7], [1, 1, 1]], [[8, 6, 0], [0, 0, 0]]], np.float32))
        self.assertEqual([name for name, _ in found], ["cat", "red apple"])
        self.assertTrue(np.allclose([likeness for _, likeness in found], [1, 1], atol=1e-3))

    def test_what_the_service_would_refuse_is_not_written(self):
        for keys, names, plane in (
            (np.ones((2, 3)), ["one"], None),
            (np.ones((1, 3)), [" "], None),
            (np.zeros((1, 3)), ["one"], None),
            (np.ones((1, 3)), ["one"], np.ones((5, 4))),
            (np.ones((2000, 3000)), ["one"] * 2000, None),
        ):
            with self.assertRaises(ValueError), np.errstate(invalid="ignore"):
                self.write(keys, names, plane)


class TestJudge(unittest.TestCase):
    def test_a_cloud_is_at_no_distance_from_itself(self):
        cloud = np.random.default_rng(0).standard_normal((500, 6))
        self.assertLess(abs(judge.frechet(cloud, cloud)), 1e-6)
        self.assertAlmostEqual(judge.frechet(cloud, cloud + 2), 24, places=6)


if __name__ == "__main__":
    unittest.main()
