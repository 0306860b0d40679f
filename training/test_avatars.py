"""What holds of the avatars and their models, in seconds: `cd training && python -m unittest`."""

import unittest

import numpy as np
import torch

import avatar_gan
import avatar_judge
import avatar_manifest
import avatar_words
import avatars
import binary
from avatar_net import Generator, Labels, Namer, Painter, Shape, premultiplied, pyramid, straight, twice


class TestAvatars(unittest.TestCase):
    def test_no_avatar_is_in_two_parts_and_every_label_is_in_both(self):
        parts = avatars.load()
        seen = [{picture.tobytes() for picture in pictures} for pictures, _ in parts.values()]
        self.assertGreaterEqual(len(seen[0]), 1000)
        self.assertEqual(sum(map(len, seen)), len(set().union(*seen)))
        for _, labels in parts.values():
            for axis, size in enumerate(avatar_words.SIZES):
                self.assertEqual(set(labels[:, axis]), set(range(size)))

    def test_straight_colours_are_what_was_premultiplied(self):
        pictures = avatars.load()["held_out"][0][:20]
        back = avatar_judge.premultiply(avatars.straight(pictures)).astype(int)
        self.assertLessEqual(np.abs(back - pictures).max(), 1)


class TestWords(unittest.TestCase):
    def test_no_word_stands_for_two_labels(self):
        for language in (1, 2, 3):
            words = [word for _, labels in avatar_words.AXES for label in labels for word in label[language]]
            self.assertEqual(len(words), len(set(words)), sorted(words))

    def test_every_direction_leads_from_one_label_to_the_other(self):
        vectors = Labels(8, 1.0)
        for found in avatar_manifest.directions(vectors):
            self.assertEqual(len(found["vector"]), 8)
            self.assertTrue(any(found["vector"]))


class TestNetworks(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        self.shape = Shape(latent=8, hidden=16, width=8)

    def test_a_direction_does_what_its_label_does(self):
        generator = Generator(Painter(self.shape).eval())
        z, labels = torch.randn(2, 8), torch.zeros(2, 7, dtype=torch.int64)
        (smile,) = (found for found in avatar_manifest.directions(generator.painter.labels) if found["name"] == "smile")
        sad = labels.clone()
        sad[:, avatar_words.NAMES.index("mood")] = 1
        with torch.no_grad():
            happy, edited = generator(z, *labels.T), generator(z + torch.tensor(smile["vector"]), *sad.T)
        self.assertLess(float((premultiplied(happy) - premultiplied(edited)).abs().max()), 1e-2)

    def test_haze_is_cleared_and_holes_are_filled(self):
        hazy = torch.full((1, 4, 64, 64), 0.05)
        hazy[..., 32:] = 0.95
        generator = Generator(Painter(self.shape).eval())
        generator.painter.forward = lambda _: hazy
        alpha = generator(torch.zeros(1, 8), *torch.zeros(7, 1, dtype=torch.int64))[:, 3]
        self.assertEqual(alpha.unique().tolist(), [0.0, 1.0])

    def test_invisible_pixels_stay_within_bounds(self):
        pictures = straight(torch.randn(2, 4, 8, 8))
        self.assertTrue(bool(((pictures >= 0) & (pictures <= 1)).all()))

    def test_the_pyramid_sees_edges_and_means(self):
        flat, edge = torch.ones(1, 1, 8, 8), torch.ones(1, 1, 8, 8)
        edge[..., ::2] = -1
        self.assertEqual(float(pyramid(torch.zeros(1, 1, 8, 8))), 0)
        self.assertGreater(float(pyramid(flat)), 0.9)
        self.assertGreater(float(pyramid(edge)), 0.9)

    def test_a_flat_colour_has_no_grain(self):
        wide = twice(torch.full((1, 4, 8, 8), 0.5))
        painted = Painter(self.shape).at_8(twice(torch.full((1, 8, 4, 4), 0.3)), torch.zeros(1, 16))
        self.assertEqual(tuple(wide.shape), (1, 4, 16, 16))
        self.assertEqual(painted[0, :, 3, 3].tolist(), painted[0, :, 4, 4].tolist())

    def test_a_namer_learns_what_labels_show(self):
        namer = Namer()
        pictures, labels = torch.rand(8, 4, 64, 64), torch.zeros(8, 7, dtype=torch.int64)
        optimiser = torch.optim.AdamW(namer.parameters(), lr=1e-3)
        before = namer.loss(pictures, labels)
        before.backward()
        optimiser.step()
        self.assertLess(float(namer.loss(pictures, labels).detach()), float(before.detach()))

    def test_augmenting_leaves_nothing_but_shifted_and_covered_pixels(self):
        found = avatar_gan.augment(torch.ones(16, 4, 64, 64), avatar_gan.Config())
        self.assertEqual(set(found.unique().tolist()), {0.0, 1.0})
        self.assertGreater(float(found.mean()), 0.7)


class TestJudge(unittest.TestCase):
    def test_a_cloud_is_no_distance_from_itself_and_covers_itself(self):
        cloud = np.random.default_rng(0).normal(size=(200, 6))
        self.assertAlmostEqual(avatar_judge.frechet(cloud, cloud), 0, places=6)
        self.assertAlmostEqual(avatar_judge.frechet(cloud, cloud + [3, 0, 0, 0, 0, 0]), 9, places=6)
        self.assertEqual(avatar_judge.covered(cloud, cloud), 1)
        self.assertEqual(avatar_judge.covered(cloud + 100, cloud), 0)


class TestBinary(unittest.TestCase):
    def test_grey_values_are_the_odds_of_white(self):
        drawn = binary.binarise(np.full((50, 28, 28), 51, np.uint8), 0)
        self.assertEqual(set(np.unique(drawn)), {0, 255})
        self.assertAlmostEqual(drawn.mean() / 255, 0.2, places=2)


if __name__ == "__main__":
    unittest.main()
