# Training: `make train-setup` once (about 5 GB), then `make train MODEL=digits-gan`.
# Checkpoints lie in $ATELIER_RUNS (~/.cache/atelier/runs), data in $ATELIER_DATA (~/.cache/atelier/data).

TRAIN_VENV ?= .venv-training
TRAIN_PYTHON := $(TRAIN_VENV)/bin/python
# One thread each: at these sizes two trainings side by side get further than one on two threads, and threads
# that spin while they wait starve whatever shares the cores.
TRAIN_ENV := OMP_NUM_THREADS=$(or $(TRAIN_THREADS),1) OMP_WAIT_POLICY=passive nice -n 10
TRAIN_MODELS := digits-gan digits-vae digits-pixelcnn

.PHONY: train-setup train measure train-smoke

train-setup: $(TRAIN_VENV)/.ready

$(TRAIN_VENV)/.ready: training/requirements.txt
	python3 -m venv $(TRAIN_VENV)
	$(TRAIN_PYTHON) -m pip install --quiet --requirement $<
	touch $@

train: train-setup
	@test -n "$(MODEL)" || { echo "make train MODEL=$(firstword $(TRAIN_MODELS)); models: $(TRAIN_MODELS)"; exit 2; }
	$(TRAIN_ENV) $(TRAIN_PYTHON) training/train.py $(MODEL)

measure: train-setup
	$(TRAIN_ENV) $(TRAIN_PYTHON) training/judge.py $(MODEL)

train-smoke: train-setup
	@for model in $(TRAIN_MODELS); do $(TRAIN_ENV) $(TRAIN_PYTHON) training/train.py $$model --smoke || exit 1; done
