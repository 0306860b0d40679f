"""How PixelCNN and PixelRNN fare on binarised digits, the yardstick of their papers: nats a picture.

    make binary MODEL=digits-pixelrnn       # resumes; writes its figure into binary.json and the card

The same network, with two levels instead of sixteen, learns digits whose pixels are drawn once, black or white,
with the grey value as probability (Salakhutdinov and Murray 2008). On 50,000 such digits van den Oord et al. 2016
report 81.3 nats for PixelCNN (arXiv 1606.05328) and 79.2 for PixelRNN (1601.06759); here 7,410 digits train, for
minutes. Ours is told the class, theirs is not: -log p(x) is at most -log p(x | class) + log 10, and that
bound is what is reported.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import card
import digits
import digits_card
import pixelcnn_graphs
import pixelrnn
import run

KINDS = {"digits-pixelcnn": pixelcnn_graphs, "digits-pixelrnn": pixelrnn}
PAPERS = {"digits-pixelcnn": 81.3, "digits-pixelrnn": 79.2}
STEPS = 800
RESULTS = Path(__file__).parent / "binary.json"


def binarise(pictures: np.ndarray, seed: int) -> np.ndarray:
    """uint8 grey -> uint8 0 or 255, drawn once."""
    drawn = np.random.default_rng(seed).random(pictures.shape) < pictures / 255
    return drawn.astype(np.uint8) * 255


@torch.no_grad()
def nats(network: torch.nn.Module, pictures: np.ndarray, labels: np.ndarray) -> float:
    """The mean of -log p(picture | class)."""
    total = 0.0
    for rows in np.array_split(np.arange(len(labels)), max(1, len(labels) // 64)):
        targets = torch.from_numpy(pictures[rows] // 255).long()
        logits = network(targets[:, None].float(), torch.from_numpy(labels[rows]))
        total += float(F.cross_entropy(logits, targets, reduction="sum"))
    return total / len(labels)


def main(model: str) -> None:
    run.threads()
    kind, parts = KINDS[model], digits.load()
    plain = {"plain": 0} if hasattr(kind.Config, "plain") else {}  # likelihood alone counts here
    config = run.load_config(kind.Config, model, levels=2, steps=STEPS, **plain)
    pictures, labels = parts["train"]
    trainer = kind.Trainer(config, binarise(pictures, 0), labels)
    run.train(f"binary-{model}", trainer, config.steps, config.seed)
    held_out, held_labels = parts["held_out"]
    bound = nats(trainer.finished(), binarise(held_out, 1), held_labels) + math.log(10)
    run.say(f"{model}: binarised held-out digits: at most {bound:.1f} nats (paper: {PAPERS[model]})")
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results[model] = {"nats": round(bound, 1), "steps": STEPS, "paper": PAPERS[model]}
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    card.add(RESULTS.parent.parent / "onnx" / model, known(model), digits_card)


def known(model: str) -> list[dict]:
    """The row for the model's card, if it has been measured."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    if model not in results:
        return []
    found = results[model]
    metric = (
        f"binarised held-out digits, the same network trained on 7,410 binary ones for {found['steps']} steps, "
        f"upper bound (the paper, with 50,000: {found['paper']})"
    )
    return [{"metric": metric, "value": found["nats"], "unit": "nats", "command": f"make binary MODEL={model}"}]


if __name__ == "__main__":
    main(sys.argv[1])
