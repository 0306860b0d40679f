"""Trains the painter, over latents made once and with a text encoder that stays as it is.

    python -m paint.trainer     # a sheet of what the last checkpoint paints, beside that checkpoint
"""

import numpy as np
import torch
from PIL import Image
from torch import nn

import run
from paint import autoencoder, icons, painter, pictures, words

NAME = "emoji-diffusion"
AUTOENCODER = "emoji-autoencoder"
LOOK = (
    "a black cat with white paws", "un chat noir aux pattes blanches", "con mèo đen có bàn chân trắng", "a red apple",
    "một ngôi nhà dưới ánh trăng", "smiling sun, flat style", "a dog", "une maison", "bông hoa", "a car", "fish",
    "rocket", "pizza", "soccer ball", "a tree", "clock", "book", "green apple", "blue heart", "three cats",
    "cat and dog", "red balloon", "elephant", "con bướm", "grenouille", "guitar", "coffee", "bicycle", "umbrella",
    "strawberry", "koala", "a pink elephant", "un vélo rouge", "hai quả táo", "smiling face", "house, flat style",
    "blue car, flat style", "ghost", "robot", "airplane",
)  # fmt: skip


class Trainer:
    def __init__(self, config: painter.Config, sliver: int | None = None):
        torch.manual_seed(config.seed)
        self.config = config
        self.gallery = pictures.Gallery(sliver)
        self.latents, self.means, self.deviations = pictures.latents(self.gallery, AUTOENCODER)
        self.tokenizer, self.encoder, project = words.load()
        self.chances = self.weigh()
        memory = pictures.memory(self.gallery, self.latents, self.tokenizer, self.encoder, project)
        self.remembered = {concept: at for at, concept in enumerate(memory.concepts)}
        self.network = painter.Painter(config, memory)
        self.average = run.Average(self.network, config.decay)
        learned = [one for one in self.network.parameters() if one.requires_grad]
        matrices, rest = [one for one in learned if one.ndim == 2], [one for one in learned if one.ndim != 2]
        self.optimiser = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": 0.02}, {"params": rest, "weight_decay": 0.0}],
            lr=config.rate, betas=(0.9, 0.98), fused=True,
        )  # fmt: skip
        self.parts = {"network": self.network, "average": self.average, "optimiser": self.optimiser}

    def weigh(self) -> np.ndarray:
        """How often each item is drawn: kinds by their shares, within them by style and group."""
        config, gallery = self.config, self.gallery
        shares = {"recoloured": config.recoloured, "pawed": config.pawed, "composed": config.composed}
        shares["plain"] = 1 - sum(shares.values())
        chances = np.zeros(len(gallery.items))
        for kind, numbers in gallery.kinds.items():
            styles = {"flat": config.flat, "soft": 1 - config.flat}
            weights = np.array([styles[gallery.items[at].style] * gallery.weight(gallery.items[at]) for at in numbers])
            chances[numbers] = shares[kind] * weights / weights.sum()
        return chances / chances.sum()

    def step(self, step: int) -> dict[str, float]:
        config = self.config
        autoencoder.pace(self.optimiser, config.rate, step, config.steps, warm=300)
        random = np.random.default_rng((config.seed, step))
        drawn = random.choice(len(self.chances), config.batch, p=self.chances)
        items = [self.gallery.items[at] for at in drawn]
        cooling = autoencoder.cooling(step, config.steps)
        hidden = torch.tensor([self.hide(item, config.hidden * cooling, random) for item in items])
        said = [self.gallery.caption(item, random) for item in items]
        said = ["" if random.random() < config.unconditional else words.mistyped(text, random) for text in said]
        text = self.tell(items, said, hidden, random)
        loss = painter.loss(self.network, self.latents[drawn], text, hidden, config)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        # As steps get smaller, the average follows more closely: from the last 1,000 to the last 100.
        self.average.decay = 1 - (1 - config.decay) * (10 - 9 * cooling)
        self.average.update(self.network)
        return {"loss": loss.item(), "norm": norm.item()}

    def tell(self, items: list[pictures.Item], said: list[str], hidden: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
        """States of what is said; where that recalls other icons than those shown, their names are said instead.

        "Star" is a keyword of many. Told it with one that it can't recall, the painter learns that noise decides
        between what it is shown and something else, of which it makes a blot.
        """
        text = self.understand(said)
        with torch.no_grad():
            found, _ = self.network.memory.recall(text[:, : words.SHAPED])
        missed = [
            at for at, (item, near) in enumerate(zip(items, found.tolist(), strict=True))
            if said[at] and not self.recalls(item, hidden[at], near)
        ]  # fmt: skip
        for at in missed:
            said[at] = self.gallery.caption(items[at], random, by_name=True)
        return self.understand(said) if missed else text

    def recalls(self, item: pictures.Item, hidden: torch.Tensor, near: list[list[int]]) -> bool:
        """Whether what is nearest holds the item's icons where it needs them, unless they are hidden anyway."""
        places = [self.remembered[concept] for concept in item.concepts]
        return bool(hidden[0] == places[0]) or recalled(item, places, near)

    def hide(self, item: pictures.Item, share: float, random: np.random.Generator) -> tuple[int, int]:
        """The places in memory of the picture's own concepts, so often; else of any others.

        Towards the end of training it no longer happens: a painter that doubts what it is shown takes some noise for
        the sign of another picture, and paints neither.
        """
        if random.random() < share:
            return self.remembered[item.concepts[0]], self.remembered[item.concepts[-1]]
        return tuple(random.integers(len(self.remembered), size=2).tolist())

    @torch.no_grad()
    def understand(self, texts: list[str]) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return self.encoder(words.numbered(self.tokenizer, texts))


def recalled(item: pictures.Item, places: list[int], found: list[list[int]]) -> bool:
    """Whether the icons lie among the proposals where the item has them: whole ones twice, smaller ones once."""
    first, second, whole = found
    if item.count > 1 or len(places) > 1 or item.scene:
        return places[0] == first[0] and places[-1] == second[0]
    return places[0] in (*first, second[0], whole[0])


def trained(sliver: int | None = None) -> Trainer:
    """A trainer whose network has the averaged weights of the last checkpoint."""
    saved = torch.load(run.run_dir(NAME) / "checkpoint.pt", weights_only=True)
    trainer = Trainer(painter.Config(**saved["config"]), sliver)
    trainer.network.load_state_dict(saved["parts"]["average"]["weights"])
    trainer.network.eval()
    trainer.trained_steps = saved["step"]
    return trainer


def look(texts: tuple[str, ...] = LOOK, seed: int = 0, steps: int = 12, guidance: float = 2.0) -> None:
    """Paints from the averaged weights of the last checkpoint."""
    trainer = trained()
    network, means, deviations = trainer.network, trainer.means, trainer.deviations
    made, encoder = trainer.tokenizer, trainer.encoder
    with torch.no_grad():
        both = encoder(words.numbered(made, ["", *texts]))
        found = painter.sample(network, both[1:], both[:1], seed, steps, guidance)
        found = found * deviations[:, None, None] + means[:, None, None]
        painted = autoencoder.to_pictures(autoencoder.load(AUTOENCODER).decoder(found))
    rows = len(texts) // 10
    sheet = icons.over_white(painted).reshape(rows, 10, 64, 64, 3).transpose(0, 2, 1, 3, 4).reshape(rows * 64, 640, 3)
    path = run.run_dir(NAME) / f"look-{trainer.trained_steps:06}.png"
    Image.fromarray(sheet).resize((1280, rows * 128), Image.Resampling.BICUBIC).save(path)
    run.say(f"step {trainer.trained_steps}: {path}")


if __name__ == "__main__":
    run.threads()
    look()
