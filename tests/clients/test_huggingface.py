"""huggingface_hub, the client of Hugging Face's inference API."""

import base64

from huggingface_hub import InferenceClient
from huggingface_hub.errors import HfHubHTTPError
from PIL import Image

from service import URL, ClientTest, left_half, picture, png


def client(model):
    return InferenceClient(model=f"{URL}/hf/{model}")


class HuggingFace(ClientTest):
    def test_words_become_a_picture(self):
        paint = client("digits-gan").text_to_image
        one = paint("seven", seed=7)
        self.assertEqual(one.size, (28, 28))
        self.assertEqual(one.tobytes(), paint("sept", seed=7).tobytes())
        self.assertNotEqual(one.tobytes(), paint("seven", seed=8).tobytes())
        wide = client("stable-diffusion").text_to_image(
            "a cat", negative_prompt="a dog", width=64, height=32, num_inference_steps=2, guidance_scale=4.0, seed=1
        )
        self.assertEqual(wide.size, (64, 32))

    def test_a_picture_becomes_another(self):
        paint = client("stable-diffusion").image_to_image
        asked = {"prompt": "a cat", "num_inference_steps": 4, "seed": 5}
        whole = paint(png(picture()), **asked)
        self.assertEqual(whole.size, (32, 32))
        mask = base64.b64encode(png(left_half(255, 0, "L"))).decode()
        masked = paint(png(picture()), mask_image=mask, **asked)
        self.assertNotEqual(whole.tobytes(), masked.tobytes())
        bare = client("digits-vae").image_to_image(png(Image.new("L", (28, 28), 0)))
        self.assertEqual(bare.size, (28, 28))

    def test_models_that_make_a_picture_of_a_picture(self):
        paint = client("painter").image_to_image
        oil, again, mosaic = (paint(png(picture()), prompt=words, seed=1) for words in ("oil", "huile", "mosaic"))
        self.assertEqual(oil.tobytes(), again.tobytes())
        self.assertNotEqual(oil.tobytes(), mosaic.tobytes())
        self.assertEqual(paint(png(picture())).size, (32, 32))
        self.assertEqual(client("upscaler").image_to_image(png(picture())).size, (64, 64))
        target = {"width": 128, "height": 128}
        self.assertEqual(client("upscaler").image_to_image(png(picture()), target_size=target).size, (128, 128))
        with self.assertRaises(HfHubHTTPError) as raised:
            client("upscaler").text_to_image("a cat")
        self.assertIn("inputs: holds no image", str(raised.exception))

    def test_errors_say_what_is_wrong(self):
        for model, words, status, message in [
            ("none", "seven", 404, "there is no model"),
            ("digits-gan", "a cat", 422, "inputs: "),
            ("missing-graph", "seven", 500, "missing"),
        ]:

            def ask(model=model, words=words, status=status, message=message):
                with self.assertRaises(HfHubHTTPError) as raised:
                    client(model).text_to_image(words)
                self.assertEqual(raised.exception.response.status_code, status)
                self.assertIn(message, str(raised.exception))

            self.assert_asked_once("/hf/{model}", ask)
