# Training: `make train-setup` once (about 5 GB), then `make train MODEL=digits-gan`.
# Checkpoints lie in $ATELIER_RUNS (~/.cache/atelier/runs), data in $ATELIER_DATA (~/.cache/atelier/data).

TRAIN_VENV ?= .venv-training
TRAIN_PYTHON := $(TRAIN_VENV)/bin/python
# One thread each: at these sizes two trainings side by side get further than one on two threads, and threads
# that spin while they wait starve whatever shares the cores.
TRAIN_ENV := OMP_NUM_THREADS=$(or $(TRAIN_THREADS),1) OMP_WAIT_POLICY=passive nice -n 10
TRAIN_MODELS := digits-gan digits-vae digits-pixelcnn digits-pixelrnn avatars-vae avatars-cnn avatars-gan emoji-diffusion upscaler painter translator watermark

.PHONY: train-setup train measure binary bias copies train-smoke

train-setup: $(TRAIN_VENV)/.ready ## Install PyTorch and the rest for training (5 GB)

$(TRAIN_VENV)/.ready: training/requirements.txt
	python3 -m venv $(TRAIN_VENV)
	$(TRAIN_PYTHON) -m pip install --quiet --requirement $<
	touch $@

train: train-setup ## Train a model, export and measure it (MODEL=digits-gan; see training/README.md)
	@test -n "$(MODEL)" || { echo "make train MODEL=$(firstword $(TRAIN_MODELS)); models: $(TRAIN_MODELS)"; exit 2; }
	$(TRAIN_ENV) $(TRAIN_PYTHON) training/train.py $(MODEL)

measure: train-setup ## Measure a shipped model's quality again (MODEL=digits-gan)
	$(TRAIN_ENV) $(TRAIN_PYTHON) training/judge.py $(MODEL)

binary: train-setup ## Train a pixel model on binarised digits and note its likelihood (MODEL=digits-pixelrnn)
	$(TRAIN_ENV) $(TRAIN_PYTHON) training/binary.py $(MODEL)

bias: train-setup ## Measure what a model shows when nothing is asked for (MODEL=avatars-gan), or for neutral words (emoji-diffusion)
	$(TRAIN_ENV) $(TRAIN_PYTHON) training/bias.py $(MODEL)

copies: train-setup ## Measure how often a model paints what it learnt from (MODEL=digits-gan)
	$(TRAIN_ENV) $(TRAIN_PYTHON) training/copies.py $(MODEL)

train-smoke: train-setup build ## Train each model for a few steps on a sliver of data
	cd training && $(TRAIN_ENV) $(abspath $(TRAIN_PYTHON)) -m unittest --quiet
	@for model in $(TRAIN_MODELS); do $(TRAIN_ENV) $(TRAIN_PYTHON) training/train.py $$model --smoke || exit 1; done
