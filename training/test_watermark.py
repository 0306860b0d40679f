"""What the training of the watermark promises, in seconds."""

import random
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

import export
import watermark
import watermark_attacks
import watermark_code
import watermark_data
import watermark_release
from watermark import CELLS, SIDE, WHOLE, cosines

SMALL = watermark.Config(width=8, batch=4)


def pictures(count: int = 2, height: int = SIDE, width: int = SIDE) -> torch.Tensor:
    """Smooth, with an edge: [count, 3, height, width]."""
    y, x = torch.meshgrid(torch.arange(height) / 20, torch.arange(width) / 17, indexing="ij")
    one = torch.stack([0.5 + 0.3 * torch.sin(x + y), 0.3 + 0.3 * (x > 3), 0.5 + 0.3 * torch.cos(y)])
    return torch.stack([one.roll(7 * at, 2) for at in range(count)])


class TestCode(unittest.TestCase):
    def test_fourteen_errors_are_mended_and_counted(self):
        drawn = random.Random(1)
        for errors in range(watermark_code.ERRORS + 1):
            payload = drawn.getrandbits(watermark_code.PAYLOAD)
            bits = watermark_code.encode(payload)
            for at in drawn.sample(range(watermark_code.LENGTH), errors):
                bits[at] ^= 1
            self.assertEqual(watermark_code.decode(bits), (payload, errors))

    def test_two_words_differ_in_more_than_twice_as_many_bits(self):
        drawn = random.Random(2)
        words = [watermark_code.encode(payload) for payload in [*(1 << at for at in range(43)), *(drawn.getrandbits(43) for _ in range(60))]]
        for at, one in enumerate(words):
            for other in words[:at]:
                self.assertGreater(sum(a != b for a, b in zip(one, other, strict=True)), 2 * watermark_code.ERRORS)

    def test_chance_and_constant_readings_are_no_mark(self):
        drawn = random.Random(3)
        readings = [[0] * 127, [1] * 127, [0, 1] * 63 + [0], *([drawn.getrandbits(1) for _ in range(127)] for _ in range(200))]
        self.assertEqual([watermark_code.decode(bits) for bits in readings], [None] * len(readings))
        self.assertLess(watermark_code.chance(), 1e-6)

    def test_a_payload_that_is_too_large_is_refused(self):
        for payload in (-1, 1 << watermark_code.PAYLOAD):
            with self.assertRaises(ValueError):
                watermark_code.encode(payload)


class TestNetworks(unittest.TestCase):
    def setUp(self):
        self.encoder, self.decoder = (network.eval() for network in watermark.pair(SMALL))
        self.bits = (torch.rand(2, SMALL.bits, generator=torch.Generator().manual_seed(0)) > 0.5).float()

    def test_carriers_are_orthogonal_from_the_start(self):
        carriers = watermark.first_carriers(SMALL).flatten(1)
        self.assertTrue(torch.allclose(carriers @ carriers.T, torch.eye(len(carriers)), atol=1e-4))

    def test_cosines_over_a_part_are_those_of_the_whole_there(self):
        whole = cosines(WHOLE, 20, 64)
        self.assertTrue(torch.allclose(whole @ whole.T, torch.eye(20), atol=1e-4))
        part = cosines(torch.tensor([0.25, 0.75]), 20, 32)
        self.assertTrue(torch.allclose(part * (32 / 64) ** 0.5, whole[:, 16:48], atol=1e-5))

    def test_the_search_scores_every_window_as_the_pilot_does(self):
        features = torch.randn(2, SMALL.features, CELLS, CELLS)
        tried = self.decoder.tried
        with torch.no_grad():
            found = self.decoder.search(features).reshape(2, len(tried), len(tried)) - self.decoder.bonus.reshape(len(tried), -1)
            for column, row in ((0, 0), (3, 17), (44, 2)):
                alone = self.decoder.pilot(features, tried[row].expand(2, 1, -1, -1), tried[column].expand(2, 1, -1, -1))
                self.assertTrue(torch.allclose(found[:, column, row], alone[:, 0], atol=1e-3))

    @torch.no_grad()
    def test_a_mark_keeps_the_size_and_the_power_that_it_may_have(self):
        for height, width in ((SIDE, SIDE), (150, 200)):
            image = pictures(2, height, width)
            marked = self.encoder(image, self.bits)
            self.assertEqual(marked.shape, image.shape)
            power = (marked - image).square().mean((1, 2, 3))
            self.assertLess(float(power.max()), 10 ** (-SMALL.decibels / 10) * 1.01)
            self.assertGreater(float(power.min()), 0)
            self.assertFalse(torch.equal(marked, self.encoder(image, 1 - self.bits)))

    @torch.no_grad()
    def test_bits_are_read_back_from_a_bare_picture_even_untrained(self):
        image = torch.full((2, 3, SIDE, SIDE), 0.5)
        right = (self.decoder(self.encoder(image, self.bits)) > 0) == (self.bits > 0.5)
        self.assertGreater(float(right.float().mean()), 0.9)

    def test_the_graphs_take_pictures_of_any_size(self):
        trainer = watermark.Trainer(SMALL, {SIDE: np.zeros((4, SIDE, SIDE, 3), np.uint8)})
        with tempfile.TemporaryDirectory() as scratch:
            watermark_release.ship(trainer, Path(scratch))  # which compares three sizes, and each row alone
            names = [[one.name for one in export.session(Path(scratch) / f"{part}.onnx").get_inputs()] for part in ("encoder", "decoder")]
        self.assertEqual(names, [["image", "bits"], ["image"]])

    def test_a_step_teaches_both(self):
        trainer = watermark.Trainer(SMALL, {side: np.random.default_rng(0).integers(256, size=(4, side, side, 3), dtype=np.uint8) for side in (128, 256)})
        before = [parameter.detach().clone() for parameter in trainer.both.parameters()]
        found = trainer.step(0)
        self.assertTrue(all(np.isfinite(value) for value in found.values()))
        changed = [not torch.equal(*both) for both in zip(before, trainer.both.parameters(), strict=True)]
        self.assertGreater(np.mean(changed), 0.95)


class TestAttacks(unittest.TestCase):
    def test_each_leaves_a_picture_and_its_gradient(self):
        for name, way in watermark_attacks.WAYS.items():
            picture = pictures(1)[0].requires_grad_()
            found = way(picture, np.random.default_rng(0))
            found.sum().backward()
            self.assertGreater(float(picture.grad.abs().sum()), 0, name)
            self.assertTrue(bool(((found >= 0) & (found <= 1)).all()), name)

    def test_a_crop_says_what_is_left(self):
        picture = torch.arange(200.0).expand(3, 100, 200)
        left, rows, columns = watermark_attacks.cut(picture, 0.05, 0.05, 0.1, 0.0)
        self.assertEqual((tuple(left.shape), rows, columns), ((3, 90, 180), (0.05, 0.95), (0.1, 1.0)))
        self.assertEqual(float(left[0, 0, 0]), 20.0)

    def test_a_batch_is_seen_at_one_size(self):
        seen = watermark_attacks.batch(pictures(12, 150, 150), np.random.default_rng(1), 1.0)
        self.assertEqual(tuple(seen.small.shape), (12, 3, SIDE, SIDE))
        self.assertEqual((tuple(seen.rows.shape), tuple(seen.columns.shape)), ((12, 2), (12, 2)))


class TestData(unittest.TestCase):
    def test_every_kind_of_picture_is_drawn_at_every_side(self):
        rgba = np.zeros((2, 256, 256, 4), np.uint8)
        rgba[:, 64:192, 64:192] = (200, 40, 40, 255)
        photo = (pictures(1, 200, 300)[0].permute(1, 2, 0).numpy() * 255).astype(np.uint8)
        drawn = watermark_data.Pictures([photo], [photo], rgba, np.zeros((20, 28, 28), np.uint8))
        for kind in watermark_data.KINDS:
            for side in (128, 256):
                found = drawn.one(kind, side, np.random.default_rng(2))
                self.assertEqual((found.shape, found.dtype), ((side, side, 3), np.dtype("uint8")), kind)


if __name__ == "__main__":
    unittest.main()
