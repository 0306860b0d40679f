"""Words to latents: a transformer that learns rectified flow.

A latent of 8x8x16 is 16 tokens of 2x2 cells. Time and the prompt's shaped states steer every block (adaptive layer
norm, zero at the start); the prompt's single tokens stand beside the picture's as further keys. The network
predicts the clean latent and is judged by the velocity that follows from it (Li and He 2025): what is to be painted
is nearly decided by the prompt, so most is learned at high noise.

The painter is semi-parametric (Blattmann et al. 2022): it carries the training icons' latents and looks up those
whose names are nearest to the prompt and to its subjects. Proposals are laid out from them: each as it is, two, three
or four smaller ones, one on a stage. A switch that reads the prompt mixes the proposals, token by token (a pointer
network's copying, See et al. 2017), and the blocks paint what must be changed: colours, skies, what fits nothing
that is known, for which the picture's own icon is often hidden in training.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from paint import words
from paint.autoencoder import CHANNELS, GRID

PATCH = 2
TOKENS = (GRID // PATCH) ** 2
FOLDED = CHANNELS * PATCH**2
LEAST_NOISE = 0.05
# Cells where half-size pictures begin (top, left): two in a row, three in a triangle, four in a square.
PLACES = {2: [(2, 0), (2, 4)], 3: [(0, 2), (4, 0), (4, 4)], 4: [(0, 0), (0, 4), (4, 0), (4, 4)]}
STAGE = (2, 1)  # where one at three quarters of its size begins, in a scene
RECALLED = (0, 0, 1, 2)  # whose nearest icons are looked up: the first subject's two, the second's, the whole's


@dataclass(frozen=True)
class Config:
    width: int = 384
    layers: int = 6
    heads: int = 6
    steering: int = 128
    text_width: int = 256
    hidden: float = 0.25
    batch: int = 64
    steps: int = 7000
    rate: float = 1e-3
    decay: float = 0.999
    unconditional: float = 0.08
    flat: float = 0.3
    recoloured: float = 0.22
    composed: float = 0.25
    pawed: float = 0.03
    noise_mean: float = 0.8
    noise_spread: float = 1.0
    seed: int = 0


class Block(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.width = width = config.width
        self.heads = config.heads
        self.steer = nn.Linear(config.steering, 6 * width)
        self.mix, self.out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width)
        self.read = nn.Linear(config.text_width, 2 * width, bias=False)
        self.sharpness = nn.Parameter(torch.full((config.heads, 1, 1), 1.0))
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        nn.init.zeros_(self.steer.weight)
        nn.init.zeros_(self.steer.bias)

    def forward(self, x, steering, text, mask):
        shift, scale, gate, shift_up, scale_up, gate_up = self.steer(steering)[:, None].chunk(6, -1)
        x = x + gate * self.attend(normed(x, self.width) * (1 + scale) + shift, text, mask)
        hidden = normed(x, self.width) * (1 + scale_up) + shift_up
        return x + gate_up * self.down(F.gelu(self.up(hidden), approximate="tanh"))

    def attend(self, x, text, mask):
        batch, length, width = x.shape
        query, key, value = self.split(self.mix(x), 3)
        text_key, text_value = self.split(self.read(text), 2)
        key, value = torch.cat([key, text_key], 2), torch.cat([value, text_value], 2)
        query = F.normalize(query, dim=-1) * (self.sharpness * math.sqrt(width // self.heads))
        key = F.normalize(key, dim=-1) * math.sqrt(width // self.heads)
        seen = F.scaled_dot_product_attention(query.to(value.dtype), key.to(value.dtype), value, attn_mask=mask)
        return self.out(seen.transpose(1, 2).reshape(batch, length, width))

    def split(self, x, parts):
        batch, length, width = x.shape
        return x.view(batch, length, parts, self.heads, width // parts // self.heads).permute(2, 0, 3, 1, 4)


class Memory(nn.Module):
    """Icons by the meaning of their names: latents in every style, zero where a style lacks the concept."""

    def __init__(self, project: torch.Tensor, keys: torch.Tensor, latents: torch.Tensor, shrinker: nn.Module):
        super().__init__()
        self.register_buffer("project", project)  # [text width, key width]
        self.register_buffer("keys", F.normalize(keys, dim=-1))  # [concepts, keys of each, key width]
        self.register_buffer("latents", latents)  # [concepts, styles, C, 8, 8]
        self.shrinker = shrinker
        self.styles = latents.shape[1]
        self.proposals = self.styles * (len(RECALLED) + len(PLACES) + 1)

    def recall(self, shaped, hidden=None):
        """The two nearest concepts [B, 3, 2] to the first subject, the second, and the whole; and how near they are."""
        asked = F.normalize(shaped[:, (1, 2, 0)].float() @ self.project, dim=-1)
        likeness = (asked @ self.keys.flatten(0, 1).T).view(*asked.shape[:2], *self.keys.shape[:2]).amax(-1)
        if hidden is not None:
            likeness = likeness.scatter(2, hidden[:, None].expand(-1, likeness.shape[1], -1), -1.0)
        likeness, found = likeness.topk(2, dim=2)
        return found, likeness

    def forward(self, shaped, hidden=None):
        """The prompt's shaped states -> proposals [B, proposals, C, 8, 8], and how near the recalled icons are."""
        found, likeness = self.recall(shaped, hidden)
        likeness = torch.cat([likeness[:, 0], likeness[:, 1:, 0]], 1)
        found = torch.cat([found[:, 0], found[:, 1:, 0]], 1)
        recalled = self.latents[found]  # [B, recalled, styles, C, 8, 8]
        both = recalled[:, (0, 2)].flatten(0, 2)
        half = self.shrinker.to_half(both).view(-1, 2, self.styles, CHANNELS, GRID // 2, GRID // 2)
        large = self.shrinker.to_large(recalled[:, 0].flatten(0, 1)).view(-1, self.styles, CHANNELS, 6, 6)
        return torch.cat([recalled.flatten(1, 2), arranged(half[:, 0], half[:, 1]), staged(large)], 1), likeness


def arranged(first, second):
    """Half-size latents [B, styles, C, 4, 4] -> every arrangement [B, arrangements x styles, C, 8, 8]."""
    blank = torch.zeros_like(first)
    wide = lambda *parts: torch.cat(parts, -1)  # noqa: E731
    tall = lambda *parts: torch.cat(parts, -2)  # noqa: E731
    edge, side = blank[..., :2, :], blank[..., :2]
    # As PLACES has them.
    two = tall(wide(edge, edge), wide(first, second), wide(edge, edge))
    three = tall(wide(side, first, side), wide(first, first))
    four = tall(wide(first, first), wide(first, first))
    return torch.cat([two, three, four], 1)


def staged(large):
    top, left = STAGE
    return F.pad(large, (left, GRID - 6 - left, top, GRID - 6 - top))


class Painter(nn.Module):
    """Noisy latents, noise levels in 0..1 and text states -> clean latents."""

    def __init__(self, config: Config, memory: Memory):
        super().__init__()
        width = config.width
        self.memory = memory
        seen = memory.styles * len(RECALLED)
        self.enter = nn.Linear(FOLDED * (2 + seen), width)
        self.likeness = nn.Linear(len(RECALLED), config.steering)
        self.places = nn.Parameter(0.5 * torch.randn(TOKENS, width))
        self.time = nn.Sequential(nn.Linear(128, width), nn.SiLU(), nn.Linear(width, config.steering))
        self.text = nn.Sequential(nn.Linear(words.SHAPED * config.text_width, width), nn.SiLU(), nn.Linear(width, config.steering))
        self.switch = nn.Sequential(nn.Linear(config.steering, width), nn.SiLU(), nn.Linear(width, TOKENS * (memory.proposals + 1)))
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.steer = nn.Linear(config.steering, 2 * width)
        self.leave = nn.Linear(width, FOLDED)
        for layer in (self.steer, self.leave):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, latents, noise, text, hidden=None):
        proposals, likeness = self.memory(text[:, : words.SHAPED], hidden)
        mask = (text.abs().amax(-1) == 0).to(latents.dtype) * -1e4
        mask = F.pad(mask, (TOKENS, 0))[:, None, None]
        steering = F.silu(self.time(waves(noise)) + self.text(text[:, : words.SHAPED].flatten(1)) + self.likeness(likeness))
        tokens = fold(proposals.flatten(0, 1)).view(-1, self.memory.proposals, TOKENS, FOLDED)
        # One more choice than there are proposals: to copy nothing.
        shares = self.switch(steering).float().view(-1, self.memory.proposals + 1, TOKENS, 1).softmax(1)[:, 1:]
        copied = (shares * tokens).sum(1)
        seen = tokens[:, : self.memory.styles * len(RECALLED)].transpose(1, 2).flatten(2)
        x = self.enter(torch.cat([fold(latents), copied, seen], -1)) + self.places
        for block in self.blocks:
            x = block(x, steering, text, mask)
        shift, scale = self.steer(steering)[:, None].chunk(2, -1)
        return unfold(self.leave(normed(x, self.places.shape[-1]) * (1 + scale) + shift).float() + copied)


def normed(x, width):
    return F.layer_norm(x.float(), (width,))


def waves(noise):
    frequencies = torch.exp(torch.linspace(math.log(1.0), math.log(200.0), 64))
    angles = noise[:, None] * frequencies
    return torch.cat([angles.sin(), angles.cos()], 1)


def fold(latents):
    """[B, C, 8, 8] -> [B, 16, 4 C]: 2x2 cells a token."""
    batch, channels, side = latents.shape[0], latents.shape[1], GRID // PATCH
    x = latents.reshape(batch, channels, side, PATCH, side, PATCH)
    return x.permute(0, 2, 4, 1, 3, 5).reshape(batch, TOKENS, channels * PATCH**2)


def unfold(tokens):
    batch, side = tokens.shape[0], GRID // PATCH
    x = tokens.reshape(batch, side, side, CHANNELS, PATCH, PATCH)
    return x.permute(0, 3, 1, 4, 2, 5).reshape(batch, CHANNELS, GRID, GRID)


def loss(network, latents, text, hidden, config: Config):
    """Squared error of the velocity, at noise levels drawn towards the high end."""
    noise = torch.sigmoid(config.noise_mean + config.noise_spread * torch.randn(len(latents)))
    level = noise[:, None, None, None]
    noisy = (1 - level) * latents + level * torch.randn_like(latents)
    with torch.autocast("cpu", torch.bfloat16):
        clean = network(noisy, noise, text, hidden)
    return (((clean - latents) / level.clamp(min=LEAST_NOISE)) ** 2).mean()


@torch.no_grad()
def sample(network, text, empty, seed: int, steps: int = 12, guidance: float = 2.5, shift: float = 2.0):
    """Euler steps from noise, as the service takes them; one generator for each picture."""
    drawn = [torch.randn(CHANNELS, GRID, GRID, generator=torch.Generator().manual_seed(seed + at)) for at in range(len(text))]
    x = torch.stack(drawn)
    levels = torch.linspace(1, 0, steps + 1)
    levels = shift * levels / (1 + (shift - 1) * levels)
    for now, then in zip(levels[:-1], levels[1:], strict=True):
        both = torch.cat([x, x])
        with torch.autocast("cpu", torch.bfloat16):
            clean = network(both, now.expand(len(both)), torch.cat([text, empty.expand(len(x), *empty.shape[1:])]))
        velocity = (both - clean) / now
        told, free = velocity.chunk(2)
        x = x + (then - now) * (free + guidance * (told - free))
    return x
