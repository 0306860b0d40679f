"""replicate, the client of Replicate."""

import io

import replicate
from PIL import Image
from replicate.exceptions import ReplicateError

from service import URL, ClientTest, opened, picture, png

CLIENT = replicate.Client(api_token="any", base_url=f"{URL}/replicate")


class Replicate(ClientTest):
    def test_words_become_a_picture(self):
        run = lambda **asked: CLIENT.run("any/digits-gan", input={"prompt": "seven", **asked})
        (one,) = run(seed=7)
        self.assertEqual(opened(one.read()).size, (28, 28))
        self.assertEqual(one.read(), run(seed=7)[0].read())
        self.assertNotEqual(one.read(), run(seed=8)[0].read())
        several = run(seed=7, num_outputs=3, output_format="webp")
        self.assertEqual([opened(one.read()).format for one in several], ["WEBP"] * 3)

    def test_a_version_names_a_model(self):
        prediction = CLIENT.predictions.create(version="digits-gan", input={"prompt": "seven", "seed": 7}, wait=True)
        self.assertEqual((prediction.status, prediction.input["seed"]), ("succeeded", 7))
        (again,) = CLIENT.run(f"any/digits-gan:{prediction.version}", input={"prompt": "seven", "seed": 7})
        self.assertEqual(again.url, prediction.output[0])

    def test_a_prediction_is_asked_for_until_it_is_over(self):
        prediction = CLIENT.models.predictions.create(
            "any/digits-pixelcnn", input={"prompt": "seven", "seed": 1, "num_outputs": 4}
        )
        prediction.wait()
        self.assertEqual((prediction.status, len(prediction.output)), ("succeeded", 4))
        self.assertIn(prediction.id, [one.id for one in CLIENT.predictions.list().results])
        prediction.cancel()
        self.assertEqual(CLIENT.predictions.get(prediction.id).status, "succeeded")

    def test_a_prediction_is_cancelled(self):
        prediction = CLIENT.models.predictions.create(
            "any/digits-pixelrnn", input={"prompt": "seven", "seed": 1, "num_outputs": 64}
        )
        prediction.cancel()
        prediction.wait()
        self.assertEqual(prediction.status, "canceled")

    def test_a_picture_becomes_another(self):
        asked = {"prompt": "a cat", "seed": 5, "num_inference_steps": 2, "image": io.BytesIO(png(picture()))}
        (painted,) = CLIENT.run("any/stable-diffusion", input=asked, file_encoding_strategy="base64")
        self.assertEqual(opened(painted.read()).size, (32, 32))

    def test_errors_say_what_is_wrong(self):
        for model, asked, status, message in [
            ("any/none", {"prompt": "seven"}, 404, "there is no model"),
            ("any/digits-gan", {"prompt": "a cat"}, 422, "input.prompt: "),
        ]:
            with self.assertRaises(ReplicateError) as raised:
                CLIENT.run(model, input=asked)
            self.assertEqual(raised.exception.status, status)
            self.assertIn(message, str(raised.exception))
