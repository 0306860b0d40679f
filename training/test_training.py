"""What the training project promises, in seconds: `cd training && python -m unittest`."""

import os
import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

import avatar_words
import card
import digits
import digits_card
import export
import pixelcnn
import pixelcnn_graphs
import pixelrnn
import run
import steps
import vae


class TestDigits(unittest.TestCase):
    def test_enough_real_digits_are_held_out_and_none_is_in_two_parts(self):
        parts = digits.load()
        seen = [{picture.tobytes() for picture in pictures} for pictures, _ in parts.values()]
        self.assertGreaterEqual(len(parts["held_out"][0]), 2000)
        self.assertEqual(sum(map(len, seen)), len(set().union(*seen)))

    def test_near_copies_are_dropped(self):
        picture = np.zeros((2, 28, 28), np.uint8)
        picture[:, 10, 5:20] = 200
        picture[1, 10, 5] = 201
        kept, labels = digits._deduplicate(picture, np.array([1, 1]))
        self.assertEqual((len(kept), len(labels)), (1, 1))


class TestRun(unittest.TestCase):
    def test_an_unknown_config_key_is_refused(self):
        with self.assertRaisesRegex(SystemExit, "unknown key depth"):
            run.load_config(vae.Config, "digits-vae", depth=3)

    def test_an_epoch_shows_every_picture_once(self):
        batches = run.Batches(count=30, size=10, seed=0)
        shown = np.concatenate([batches(step) for step in (3, 4, 5)])
        self.assertEqual(sorted(shown.tolist()), list(range(30)))

    def test_a_resumed_run_equals_an_uninterrupted_one(self):
        pictures, labels = np.zeros((32, 28, 28), np.uint8), np.zeros(32, np.int64)
        pictures[:, 8:20, 14] = 255
        weights = []
        for stops in ([4], [2, 4]):
            with tempfile.TemporaryDirectory() as scratch:
                os.environ["ATELIER_RUNS"] = scratch
                for stop in stops:
                    trainer = vae.Trainer(vae.Config(width=8, hidden=16, batch=8, steps=4), pictures, labels)
                    run.train("test", trainer, stop, seed=1)
                weights.append(trainer.both.state_dict())
        for name, value in weights[0].items():
            self.assertTrue(torch.equal(value, weights[1][name]), name)


class Autoregressive:
    """What holds of both; `build` returns the module that writes the graphs, and a small network."""

    def setUp(self):
        torch.manual_seed(0)
        self.graphs, self.network = self.build()
        self.network.eval()

    def test_a_pixel_sees_all_that_precedes_it_nearby_and_nothing_after(self):
        pixels = torch.rand(1, 1, 12, 12, requires_grad=True)
        logits = self.network(pixels, torch.tensor([3]))
        for row, column in ((0, 0), (5, 6), (7, 11), (11, 0)):
            (slope,) = torch.autograd.grad(logits[0, :, row, column].sum(), pixels, retain_graph=True)
            seen = slope[0, 0].abs().flatten() > 0
            here = row * 12 + column
            self.assertFalse(seen[here:].any())
            if row > 1:  # no blind spot: the neighbours above on both sides
                near = {(row - 1, x) for x in range(max(0, column - 3), min(12, column + 4))}
                self.assertTrue(all(seen[y * 12 + x] for y, x in near))

    def test_the_step_graphs_give_the_whole_networks_logits(self):
        targets, labels = torch.randint(0, 16, (3, 12, 12)), torch.tensor([0, 4, 9])
        export.round_to_half(self.network)
        with tempfile.TemporaryDirectory() as scratch:
            self.graphs.write_row(self.network, Path(scratch) / "row.onnx", side=12)
            self.graphs.write_pixel(self.network, Path(scratch) / "pixel.onnx")
            steps.check(self.network, Path(scratch), targets, labels, tolerance=1e-4)


class TestPixelCNN(Autoregressive, unittest.TestCase):
    def build(self):
        config = pixelcnn.Config(channels=8, dilations=[1, 2], head=16)
        return pixelcnn_graphs, pixelcnn.PixelCNN(config)


class TestPixelRNN(Autoregressive, unittest.TestCase):
    def build(self):
        network = pixelrnn.PixelRNN(pixelrnn.Config(channels=8, layers=2, head=16))
        torch.nn.init.normal_(network.row), torch.nn.init.normal_(network.column)
        return pixelrnn, network

    def test_slips_replace_the_share_of_pixels_that_is_asked_for(self):
        config = pixelrnn.Config(channels=8, layers=1, head=16, slips=1.0)
        pictures, labels = np.full((64, 28, 28), 255, np.uint8), np.zeros(64, np.int64)
        trainer = pixelrnn.Trainer(config, pictures, labels)
        slipped = trainer.with_slips(trainer.pictures, trainer.labels) != trainer.pictures
        # Half on average; an untrained network draws another of the 16 levels nearly always.
        self.assertAlmostEqual(float(slipped.float().mean()), 0.5, delta=0.15)

    def test_blame_is_drawn_as_often_as_praise_and_weighs_as_much(self):
        torch.manual_seed(0)
        own = pixelrnn.Own(28)
        praise = torch.tensor([0.1] * 9 + [-0.9])
        own.load_state_dict({"labels": torch.arange(10), "praise": praise})
        drawn = own.draw(2000)
        self.assertAlmostEqual(float((drawn["praise"] < 0).float().mean()), 0.5, delta=0.05)
        torch.testing.assert_close(drawn["praise"].abs(), torch.full((2000,), 0.18))
        self.assertTrue(((drawn["labels"] == 9) == (drawn["praise"] < 0)).all())

    def test_what_is_praised_becomes_likelier_than_what_is_blamed(self):
        torch.manual_seed(0)
        config = pixelrnn.Config(channels=8, layers=1, head=16, batch=8, plain=1, steps=40, warmup=1, late_rate=1e-2)
        real, labels = np.zeros((8, 28, 28), np.uint8), np.zeros(8, np.int64)
        trainer = pixelrnn.Trainer(config, real, labels)
        pictures = torch.stack([torch.full((28, 28), 3), torch.full((28, 28), 9)])
        asked, praise = torch.zeros(2, dtype=torch.int64), torch.tensor([0.5, -0.5])

        def likelihood():
            with torch.no_grad():
                return -trainer.losses(pictures, pictures, asked)

        before = likelihood()
        for step in range(2, 22):  # 1 would paint
            own = {"pictures": pictures.to(torch.uint8), "labels": asked, "likelihood": likelihood(), "praise": praise}
            trainer.own.load_state_dict(own)
            trainer.step(step)
        praised, blamed = (likelihood() - before).mean((1, 2))
        self.assertGreater(float(praised), float(blamed) + 0.5)


class TestShrink(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.path = Path(scratch.name) / "graph.onnx"
        network = torch.nn.Sequential(
            torch.nn.Conv2d(4, 32, 6, padding=2), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(32 * 49, 64), torch.nn.Tanh()
        )
        x = torch.randn(16, 4, 8, 8)
        export.trace(network.eval(), self.path, {"x": x}, ["y"])
        self.feed = {"x": x.numpy()}

    def test_int8_weights_are_half_as_large_and_move_the_output_little(self):
        before = self.path.stat().st_size
        self.assertGreater(export.shrink(self.path, self.feed, span=2.0), 50)
        self.assertLess(self.path.stat().st_size, 0.55 * before)

    def test_what_runs_is_float32_with_nothing_left_to_convert(self):
        export.shrink(self.path, self.feed, span=2.0)
        options = onnxruntime.SessionOptions()
        options.optimized_model_filepath = str(self.path.with_suffix(".optimised.onnx"))
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        onnxruntime.InferenceSession(str(self.path), options, providers=["CPUExecutionProvider"])
        graph = onnx.load(options.optimized_model_filepath).graph
        self.assertFalse({node.op_type for node in graph.node} & {"Cast", "Mul", "DequantizeLinear"})
        kinds = {onnx.TensorProto.FLOAT, onnx.TensorProto.INT64}
        self.assertLessEqual({tensor.data_type for tensor in graph.initializer}, kinds)

    def test_weights_that_would_move_the_output_too_far_are_refused(self):
        with self.assertRaisesRegex(SystemExit, "less than 200"):
            export.shrink(self.path, self.feed, span=2.0, least=200)


class TestCard(unittest.TestCase):
    def test_a_figure_is_put_on_a_card_once_and_changes_nothing_else(self):
        shipped = Path(__file__).parent.parent / "onnx/digits-pixelrnn"
        row = {"metric": "speed", "value": 1, "unit": "m/s", "command": "make speed"}
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / shipped.name
            folder.mkdir()
            (folder / "model.toml").write_text((shipped / "model.toml").read_text())
            for value in (1, 2):
                card.add(folder, [row | {"value": value}], digits_card)
            lines = (folder / "model.toml").read_text().splitlines()
            self.assertIn("| speed | 2 m/s | `make speed` |", (folder / "README.md").read_text())
        added = [line for line in lines if "make speed" in line]
        self.assertEqual(len(added), 1)
        lines.remove(added[0])
        self.assertEqual(lines, (shipped / "model.toml").read_text().splitlines())

    def test_no_name_stands_for_two_digits(self):
        for language in range(3):
            names = [name for names in digits_card.DIGITS for name in names[language]]
            self.assertEqual(len(names), len(set(names)))


if __name__ == "__main__":
    unittest.main()
