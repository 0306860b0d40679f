"""The official Python client of OpenAI's API."""

import base64
import urllib.request
import warnings

import openai

from service import URL, ClientTest, left_half, opened, picture, png

GENERATIONS = "/v1/images/generations"
DIFFUSION = {"model": "stable-diffusion", "prompt": "a cat", "extra_body": {"seed": 5, "steps": 4}}


def file_of(image):
    return base64.b64decode(image.b64_json)


class OpenAi(ClientTest):
    def setUp(self):
        self.client = openai.OpenAI(base_url=f"{URL}/v1", api_key="any")
        self.addCleanup(self.client.close)

    def generate(self, **asked):
        return self.client.images.generate(**{"model": "digits-gan", "prompt": "seven", **asked})

    def test_pictures_with_their_seeds(self):
        answer = self.generate(n=2, extra_body={"seed": 7, "truncation": 1.0})
        self.assertEqual([image.seed for image in answer.data], [7, 8])
        self.assertEqual(opened(file_of(answer.data[0])).size, (28, 28))
        self.assertEqual(answer.data[0].model_extra["class"], {"digit": "7"})
        self.assertEqual(answer.model_extra["warnings"], [])
        self.assertGreater(answer.created, 1_700_000_000)
        again = self.generate(extra_body={"seed": 8, "truncation": 1.0})
        self.assertEqual(file_of(again.data[0]), file_of(answer.data[1]))

    def test_the_client_for_azure(self):
        about = {"azure_endpoint": URL, "api_key": "any", "api_version": "2025-04-01-preview"}
        usual = file_of(self.generate(extra_body={"seed": 7}).data[0])
        for deployment in [None, "digits-gan"]:
            with openai.AzureOpenAI(**about, azure_deployment=deployment) as client:
                answer = client.images.generate(model="digits-gan", prompt="seven", extra_body={"seed": 7})
                self.assertEqual(file_of(answer.data[0]), usual)
        # What the address names counts where the body names nothing.
        with openai.AzureOpenAI(**about, azure_deployment="digits-vae") as client:
            answer = client.images.generate(prompt="seven")
            self.assertEqual(answer.model_extra["model"], "digits-vae")

    def test_links(self):
        answer = self.generate(response_format="url", output_format="jpeg", output_compression=80)
        with urllib.request.urlopen(answer.data[0].url, timeout=10) as file:
            self.assertEqual(opened(file.read()).format, "JPEG")

    def test_the_habits_of_old_code(self):
        answer = self.generate(model="dall-e-3", size="1024x1024", quality="hd", style="vivid", user="me")
        self.assertEqual(answer.model_extra["model"], "digits-gan")
        warnings = " ".join(answer.model_extra["warnings"])
        for word in ["size 1024x1024", "448x448", "quality", "style"]:
            self.assertIn(word, warnings)

    def test_models(self):
        ids = [model.id for model in self.client.models.list()]
        self.assertIn("digits-gan", ids)
        self.assertIn("dall-e-3", ids)
        self.assertNotIn("missing-graph", ids)
        self.assertEqual(self.client.models.retrieve("digits-vae").owned_by, "atelier")

    def test_edits_under_a_mask(self):
        image = ("image.png", png(picture()), "image/png")
        see_through = left_half((0, 0, 0, 0), (0, 0, 0, 255), "RGBA")
        white = left_half(255, 0, "L")
        masks = [("mask.png", png(mask), "image/png") for mask in (see_through, white)]
        answers = [self.client.images.edit(image=image, mask=mask, **DIFFUSION) for mask in masks]
        transparent, grey = answers
        self.assertEqual(file_of(transparent.data[0]), file_of(grey.data[0]))
        self.assertEqual(transparent.model_extra["warnings"], [])
        self.assertIn("no transparent pixel", grey.model_extra["warnings"][0])
        listed = self.client.images.edit(image=[image], mask=masks[0], **DIFFUSION)
        self.assertEqual(file_of(listed.data[0]), file_of(transparent.data[0]))
        whole = self.client.images.edit(image=image, **DIFFUSION)
        self.assertNotEqual(file_of(whole.data[0]), file_of(transparent.data[0]))

    def test_edits_by_models_that_make_a_picture_of_a_picture(self):
        def edit(**asked):
            answer = self.client.images.edit(image=("a.png", png(picture()), "image/png"), **asked)
            return opened(file_of(answer.data[0])), " ".join(answer.model_extra["warnings"])

        mosaic, warnings = edit(model="painter", prompt="a mosaic", extra_body={"seed": 1})
        self.assertEqual((mosaic.size, warnings), ((32, 32), ""))
        named, warnings = edit(model="painter", prompt="make it nicer", extra_body={"seed": 1, "style": "mosaic"})
        self.assertEqual(named.tobytes(), mosaic.tobytes())
        self.assertIn("prompt was not used", warnings)
        large, warnings = edit(model="upscaler", prompt="sharper", size="128x128")
        self.assertEqual(large.size, (128, 128))
        self.assertNotIn("size", warnings)
        large, warnings = edit(model="upscaler", prompt="sharper", size="1024x1024", n=2)
        self.assertEqual(large.size, (512, 512))
        self.assertIn("size 1024x1024 became 512x512", warnings)
        self.assertIn("n 2 became 1", warnings)

    def test_a_mask_is_never_dropped(self):
        image = png(picture())
        mask = png(left_half((0, 0, 0, 0), (0, 0, 0, 255), "RGBA"))
        for model in ["digits-vae", "digits-pixelcnn", "digits-pixelrnn"]:
            with self.assertRaises(openai.UnprocessableEntityError) as refused:
                self.client.images.edit(model=model, image=image, mask=mask, prompt="seven")
            self.assertEqual(refused.exception.param, "mask")

    def test_variations(self):
        # OpenAI has taken the route from its newer models, and the client says so.
        warnings.simplefilter("ignore", DeprecationWarning)
        answer = self.client.images.create_variation(
            model="stable-diffusion", image=png(picture()), n=2, extra_body={"seed": 1, "steps": 3}
        )
        one, two = (file_of(image) for image in answer.data)
        self.assertNotEqual(one, two)
        varied = self.client.images.create_variation(model="digits-vae", image=png(picture()))
        self.assertEqual(opened(file_of(varied.data[0])).size, (28, 28))

    def test_streams(self):
        asked = {**DIFFUSION, "extra_body": {"seed": 5, "steps": 12}}
        events = list(self.client.images.generate(stream=True, partial_images=2, **asked))
        self.assertEqual(events[-1].type, "image_generation.completed")
        self.assertEqual(events[-1].usage.total_tokens, 0)
        partial = [event for event in events if event.type == "image_generation.partial_image"]
        self.assertTrue(partial)
        self.assertEqual([event.partial_image_index for event in partial], list(range(len(partial))))
        opened(base64.b64decode(partial[0].b64_json))
        plain = self.client.images.generate(**asked)
        self.assertEqual(base64.b64decode(events[-1].b64_json), file_of(plain.data[0]))

        image = png(picture())
        edits = list(self.client.images.edit(image=image, stream=True, partial_images=1, **asked))
        self.assertEqual(edits[-1].type, "image_edit.completed")

    def test_an_edit_of_few_steps_sends_an_unfinished_image(self):
        # Of 5 steps, 2 are done.
        asked = {**DIFFUSION, "extra_body": {"seed": 5, "steps": 5, "strength": 0.4}}
        for wanted in (1, 2):
            events = list(self.client.images.edit(image=png(picture()), stream=True, partial_images=wanted, **asked))
            told = [event.type for event in events]
            self.assertEqual(told, ["image_edit.partial_image", "image_edit.completed"])
            opened(base64.b64decode(events[0].b64_json))

    def test_errors_are_the_right_exceptions_and_asked_for_once(self):
        for exception, asked, code in [
            (openai.NotFoundError, {"model": "none"}, "model_not_found"),
            (openai.UnprocessableEntityError, {"n": 11}, "invalid_field"),
            (openai.UnprocessableEntityError, {"prompt": "a cat"}, "invalid_field"),
            (openai.InternalServerError, {"model": "missing-graph"}, "broken_model"),
        ]:

            def ask(exception=exception, asked=asked, code=code):
                with self.assertRaises(exception) as raised:
                    self.generate(**asked)
                self.assertEqual(raised.exception.code, code)
                self.assertTrue(raised.exception.request_id)
                self.assertTrue(raised.exception.type)

            self.assert_asked_once(GENERATIONS, ask)

    def test_an_error_of_a_stream_is_one_of_the_client(self):
        latents = [3e38] * 64
        with self.assertRaises(openai.APIError):
            list(self.generate(stream=True, extra_body={"latents": latents}))
