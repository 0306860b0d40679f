"""Write tests/goldens/schedulers.json: what each scheduler of diffusers does with a toy field.

    pip install torch==2.15.0 diffusers==0.36.0 transformers==4.57.6 huggingface_hub==0.36.2 scipy
    python training/goldens/schedulers.py

A case is a configuration (only the keys that it sets, as a scheduler_config.json would), ten inference
steps, and what came out: timesteps, sigmas where the class has them, and the sample after every call
of the "model". Where `begin` is set the case starts in the middle, as image-to-image does.

The toy field takes the scaled sample and the timestep: tanh(0.7 x + 0.2 cos(0.01 t + k)) for element k.
"""

import json
import math
import warnings
from pathlib import Path

import diffusers
import numpy as np
import torch

OUT = Path(__file__).resolve().parents[2] / "tests" / "goldens" / "schedulers.json"
STEPS = 10
SHAPE = (1, 4, 2, 2)

STABLE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
SPACINGS = ["leading", "trailing", "linspace"]
PREDICTIONS = ["epsilon", "v_prediction", "sample"]
SIGMAS = ["use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas"]
ZERO = {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing", "prediction_type": "v_prediction"}


def variants() -> list[dict]:
    cases: list[dict] = []

    def add(name: str, *, steps: int = STEPS, begin: int = 0, call: dict | None = None, **config) -> None:
        kept = {"class": name + "Scheduler", "config": config}
        if steps != STEPS:
            kept["steps"] = steps
        if begin:
            kept["begin"] = begin
        if call:
            kept["call"] = call
        cases.append(kept)

    for name in ["DDIM", "DDPM", "PNDM", "EulerDiscrete", "EulerAncestralDiscrete", "HeunDiscrete",
                 "DPMSolverMultistep", "UniPCMultistep", "LCM", "LMSDiscrete", "KDPM2Discrete",
                 "KDPM2AncestralDiscrete", "DEISMultistep", "DPMSolverSinglestep", "TCD"]:
        plms = {"skip_prk_steps": True} if name == "PNDM" else {}
        latent = {"clip_sample": False} if name in ("DDIM", "DDPM") else {}
        common = STABLE | plms | latent
        add(name)
        add(name, **common)
        if name not in ("LCM", "TCD", "DPMSolverSinglestep"):
            for spacing in SPACINGS:
                add(name, **common, timestep_spacing=spacing, steps_offset=1)
        for prediction in PREDICTIONS[1:]:
            if not (prediction == "sample" and name in ("PNDM", "EulerAncestralDiscrete", "KDPM2Discrete", "KDPM2AncestralDiscrete")):
                add(name, **common, prediction_type=prediction)
        add(name, beta_schedule="squaredcos_cap_v2", **plms)
        add(name, **common, begin=4)
        if name in ("DDIM", "DDPM", "EulerDiscrete", "EulerAncestralDiscrete", "DPMSolverMultistep", "UniPCMultistep", "LCM"):
            add(name, **common | ZERO)
        if name in ("EulerDiscrete", "HeunDiscrete", "DPMSolverMultistep", "UniPCMultistep", "LMSDiscrete",
                    "KDPM2Discrete", "KDPM2AncestralDiscrete", "DEISMultistep", "DPMSolverSinglestep"):
            for sigmas in SIGMAS:
                add(name, **common, **{sigmas: True})
        if name in ("DDIM", "DDPM", "LCM"):
            add(name, **common | {"thresholding": True, "sample_max_value": 1.5, "dynamic_thresholding_ratio": 0.8})
            add(name, **common | {"clip_sample": True, "clip_sample_range": 0.7})

    add("DDIM", call={"eta": 0.6}, **STABLE, clip_sample=False, set_alpha_to_one=False, steps_offset=1)
    add("DDIM", trained_betas=[float(f"{0.001 + 0.0002 * i:.6g}") for i in range(100)], num_train_timesteps=100)
    for kind in ["fixed_small_log", "fixed_large"]:
        add("DDPM", **STABLE, variance_type=kind)
    add("DDPM", beta_schedule="sigmoid")
    add("PNDM", **STABLE, skip_prk_steps=True, set_alpha_to_one=True, steps_offset=1)
    add("PNDM", **STABLE, skip_prk_steps=True, begin=1)
    add("EulerDiscrete", **STABLE, interpolation_type="log_linear")
    add("EulerDiscrete", **STABLE, use_karras_sigmas=True, sigma_min=0.1, sigma_max=10.0)
    add("EulerDiscrete", **STABLE, timestep_type="continuous", prediction_type="v_prediction", use_karras_sigmas=True)
    add("EulerDiscrete", **STABLE, final_sigmas_type="sigma_min")
    add("HeunDiscrete", beta_schedule="exp")
    add("HeunDiscrete", **STABLE, clip_sample=True, clip_sample_range=0.7)
    for algorithm in ["dpmsolver++", "sde-dpmsolver++"]:
        for solver in ["midpoint", "heun"]:
            add("DPMSolverMultistep", **STABLE, algorithm_type=algorithm, solver_type=solver)
        add("DPMSolverMultistep", **STABLE, algorithm_type=algorithm, use_karras_sigmas=True, steps=20)
        add("DPMSolverMultistep", **STABLE, algorithm_type=algorithm, solver_order=3)
    for algorithm in ["dpmsolver", "sde-dpmsolver"]:
        for solver in ["midpoint", "heun"]:
            add("DPMSolverMultistep", **STABLE, algorithm_type=algorithm, solver_type=solver,
                final_sigmas_type="sigma_min")
    add("DPMSolverMultistep", **STABLE, algorithm_type="dpmsolver", solver_order=3, final_sigmas_type="sigma_min")
    add("DPMSolverMultistep", **STABLE, algorithm_type="dpmsolver", prediction_type="v_prediction",
        final_sigmas_type="sigma_min")
    add("DPMSolverMultistep", **STABLE, solver_order=1)
    add("DPMSolverMultistep", **STABLE, use_lu_lambdas=True)
    add("DPMSolverMultistep", **STABLE, euler_at_final=True, lower_order_final=False, steps=16)
    add("DPMSolverMultistep", **STABLE, thresholding=True, sample_max_value=1.5)
    add("DPMSolverMultistep", beta_schedule="squaredcos_cap_v2", lambda_min_clipped=-5.1)
    add("DPMSolverMultistep", use_flow_sigmas=True, flow_shift=3.0, prediction_type="flow_prediction")
    add("UniPCMultistep", use_flow_sigmas=True, flow_shift=3.0, prediction_type="flow_prediction")
    add("UniPCMultistep", **STABLE, solver_type="bh1", final_sigmas_type="sigma_min")
    add("UniPCMultistep", **STABLE, solver_order=3)
    add("UniPCMultistep", **STABLE, predict_x0=False, solver_order=1, final_sigmas_type="sigma_min")
    add("UniPCMultistep", **STABLE, disable_corrector=[0, 1], lower_order_final=False, final_sigmas_type="sigma_min")
    add("LCM", steps=4)
    add("LCM", call={"strength": 0.5, "original_inference_steps": 40}, steps=4)
    add("LCM", **STABLE, set_alpha_to_one=False, original_inference_steps=100, timestep_scaling=5.0)
    for order in [1, 3]:
        add("DEISMultistep", **STABLE, solver_order=order)
    add("DEISMultistep", **STABLE, solver_order=3, lower_order_final=False)
    add("DEISMultistep", **STABLE, thresholding=True, sample_max_value=1.5)
    add("DEISMultistep", use_flow_sigmas=True, flow_shift=3.0, prediction_type="flow_prediction")
    for algorithm in ["dpmsolver++", "sde-dpmsolver++"]:
        for order in [1, 2, 3]:
            for solver in ["midpoint", "heun"]:
                add("DPMSolverSinglestep", **STABLE, algorithm_type=algorithm, solver_order=order, solver_type=solver)
        for steps in [11, 12]:
            add("DPMSolverSinglestep", **STABLE, algorithm_type=algorithm, solver_order=3, steps=steps)
    add("DPMSolverSinglestep", **STABLE, solver_order=3, final_sigmas_type="sigma_min", steps=12)
    add("DPMSolverSinglestep", **STABLE, solver_order=3, final_sigmas_type="sigma_min", steps=11)
    add("DPMSolverSinglestep", **STABLE, solver_order=2, final_sigmas_type="sigma_min", lower_order_final=True)
    add("DPMSolverSinglestep", **STABLE, algorithm_type="dpmsolver", solver_order=3, solver_type="heun",
        final_sigmas_type="sigma_min", steps=12)
    add("DPMSolverMultistep", **STABLE, algorithm_type="sde-dpmsolver++", solver_order=3, use_karras_sigmas=True)
    add("TCD", call={"eta": 0.3}, steps=4)
    add("TCD", call={"eta": 1.0}, steps=4)
    add("TCD", **STABLE, original_inference_steps=100, prediction_type="v_prediction")
    flow = "FlowMatchEulerDiscrete"
    add(flow)
    add(flow, shift=3.0)
    add(flow, shift=3.0, begin=4)
    add(flow, shift=3.0, shift_terminal=0.02)
    add(flow, invert_sigmas=True)
    for sigmas in SIGMAS:
        add(flow, shift=2.0, **{sigmas: True})
    for kind in ["exponential", "linear"]:
        add(flow, use_dynamic_shifting=True, time_shift_type=kind, call={"mu": 1.15})
    return cases


def toy(x: np.ndarray, t: float) -> np.ndarray:
    k = np.arange(x.size, dtype=np.float64).reshape(x.shape)
    return np.tanh(0.7 * x.astype(np.float64) + 0.2 * np.cos(0.01 * t + k)).astype(np.float32)


def rounded(values, digits: int = 7) -> list[float]:
    return [float(f"{v:.{digits}g}") for v in np.asarray(values, dtype=np.float64).ravel().tolist()]


def run(case: dict) -> dict:
    scheduler = getattr(diffusers, case["class"])(**case["config"])
    call, begin, steps = case.get("call", {}), case.get("begin", 0), case.get("steps", STEPS)
    scheduler.set_timesteps(steps, **{k: v for k, v in call.items() if k != "eta"})
    generator = torch.Generator().manual_seed(7)
    initial = torch.randn(SHAPE, generator=generator)
    start = begin * scheduler.order
    timesteps = scheduler.timesteps[start:]
    if begin:
        if hasattr(scheduler, "set_begin_index"):
            scheduler.set_begin_index(start)
        noise = torch.randn(SHAPE, generator=generator)
        clean = 0.5 * initial
        if hasattr(scheduler, "add_noise"):
            sample = scheduler.add_noise(clean, noise, timesteps[:1])
        else:
            sample = scheduler.scale_noise(clean, timesteps[:1], noise)
    else:
        sample = initial * float(getattr(scheduler, "init_noise_sigma", 1.0))
    result = dict(case)
    result["timesteps"] = rounded(scheduler.timesteps)
    if hasattr(scheduler, "sigmas"):
        result["sigmas"] = rounded(scheduler.sigmas)
    result["init_noise_sigma"] = float(getattr(scheduler, "init_noise_sigma", 1.0))
    samples = [rounded(sample, 9)]  # exactly, so that a difference at the start isn't the scheduler's
    extra = {}
    if "generator" in scheduler.step.__code__.co_varnames:
        extra["generator"] = generator
    if "eta" in scheduler.step.__code__.co_varnames:  # as the pipelines pass it, whatever the class's default
        extra["eta"] = call.get("eta", 0.0)
    for t in timesteps:
        scaled = scheduler.scale_model_input(sample, t) if hasattr(scheduler, "scale_model_input") else sample
        output = torch.from_numpy(toy(scaled.numpy(), float(t)))
        sample = scheduler.step(output, t, sample, **extra).prev_sample
        samples.append(rounded(sample))
    # Every third call and the last one say as much as all of them.
    result["calls"] = len(timesteps)
    result["samples"] = {str(i): s for i, s in enumerate(samples) if i % 3 == 0 or i == len(samples) - 1}
    assert all(math.isfinite(v) for s in result["samples"].values() for v in s), case
    return result


def main() -> None:
    warnings.simplefilter("ignore")
    diffusers.logging.set_verbosity_error()
    results = []
    for case in variants():
        try:
            results.append(run(case))
        except Exception as error:
            print("left out:", case["class"], case["config"], repr(error)[:200])
    body = ",\n".join(json.dumps(result, separators=(",", ":")) for result in results)
    OUT.write_text(f'{{"diffusers":"{diffusers.__version__}","cases":[\n{body}\n]}}\n')
    print(f"{OUT}: {OUT.stat().st_size} bytes, {len(results)} cases")


if __name__ == "__main__":
    main()
