"""What aihwkit computes; runs in `.venv-aihwkit` and imports nothing of this repository.

    python -P aihwkit_worker.py statistics request.npz answer.npz
    python -P aihwkit_worker.py serve

``serve`` answers the requests of `tb.bench_golden.speed_child`, for ``aihwkit`` (I/O as in
`nonideal`), ``aihwkit_default`` (its default I/O) and ``aihwkit_ideal``.
"""

import json
import sys
import time

import numpy as np
import torch
from aihwkit.inference import GlobalDriftCompensation, PCMLikeNoiseModel
from aihwkit.inference.noise.hermes import HermesNoiseModel
from aihwkit.nn import AnalogLinear
from aihwkit.simulator.configs import (
    BoundManagementType,
    IOParameters,
    NoiseManagementType,
    TorchInferenceRPUConfig,
)

SEED = 1
SIZE = 256


def noise_model(name, **scales):
    """A published model by the name it has in the golden package."""
    if name == "pcm_like":
        return PCMLikeNoiseModel(g_max=25.0, **scales)
    return HermesNoiseModel(num_devices={"hermes_one_device": 1, "hermes_two_device": 2}[name],
                            **scales)


def layer(model, weights, forward):
    """A programmed Torch tile with global drift compensation; weights are (rows, columns)."""
    made = AnalogLinear(*weights.shape, bias=False, rpu_config=TorchInferenceRPUConfig(
        noise_model=model, drift_compensation=GlobalDriftCompensation(), forward=forward))
    made.set_weights(torch.tensor(weights.T, dtype=torch.float32), None)
    made.eval()
    made.program_analog_weights()
    return made


def raw_moments(values):
    """Mean, and central moments 2 and 4, over the last axis, in float64."""
    values = values.double().numpy()
    mean = values.mean(axis=-1)
    centred = values - mean[..., None]
    return np.stack([mean, (centred**2).mean(axis=-1), (centred**4).mean(axis=-1)])


def devices(name, levels, count, times):
    """Statistics of single devices: arrays (3, ..., levels)."""
    model = noise_model(name)
    target = torch.tensor(levels * model.g_max)[:, None].repeat(1, count)
    programmed = model.apply_programming_noise_to_conductance(target.clone())
    nu = model.generate_drift_coefficients(target)
    read = [raw_moments(model.apply_drift_noise_to_conductance(programmed, nu, seconds))
            for seconds in times]
    return {"programming": raw_moments(programmed), "exponent": raw_moments(nu),
            "together": np.stack(read, axis=1)}


def tile(name, weights, x, times, programming_scale):
    """One tile: per time the gain, the errors without and with it, the spread of the output."""
    made = layer(noise_model(name, prog_noise_scale=programming_scale), weights,
                 IOParameters(is_perfect=True))
    exact = x @ weights
    values = []
    for seconds in times:
        made.drift_analog_weights(float(seconds))
        gain = float(next(made.analog_tiles()).alpha)
        with torch.no_grad():
            y = made(torch.tensor(x / 127, dtype=torch.float32)).double().numpy() * 127
        values.append([gain] + [np.linalg.norm(part - exact) / np.linalg.norm(exact)
                                for part in (y / gain, y)] + [(y / gain).std() / exact.std()])
    return np.array(values)


def programming_error(name, weights):
    """``norm(W_programmed - W)/norm(W)`` of one tile."""
    made = layer(noise_model(name), weights, IOParameters(is_perfect=True))
    programmed = next(made.analog_tiles()).programmed_weights.double().numpy().T
    return np.linalg.norm(programmed - weights) / np.linalg.norm(weights)


def statistics(request, answer):
    """Answer a request file by an answer file."""
    torch.manual_seed(SEED)
    given, found = np.load(request), {}
    pairs = list(zip(given["weights"], given["inputs"], strict=True))
    for name in given["devices"]:
        for key, value in devices(name, given["levels"], int(given["count"]),
                                  given["times"]).items():
            found[f"{name}/{key}"] = value
        for key, scale in (("still", 0.0), ("tile", 1.0)):
            found[f"{name}/{key}"] = np.stack([
                tile(name, w, x, given["tile_times"], scale) for w, x in pairs])
        found[f"{name}/programmed"] = np.array([programming_error(name, w) for w, _ in pairs])
    np.savez(answer, **found)


def nonideal():
    """8-bit converters and the output noise of the published training preset, no management.

    The short-term read noise of that preset is refused by the Torch tile.
    """
    return IOParameters(inp_res=1 / 254, out_res=1 / 254, out_bound=10.0, out_noise=0.04,
                        bound_management=BoundManagementType.NONE,
                        noise_management=NoiseManagementType.NONE)


def serve():
    """Answer timing requests until the input ends."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    weights = np.clip(np.random.default_rng(SEED).standard_normal((SIZE, SIZE)), -2, 2) / 2
    layers = {}
    for name, forward in (("aihwkit", nonideal()), ("aihwkit_default", IOParameters()),
                          ("aihwkit_ideal", IOParameters(is_perfect=True))):
        layers[name] = layer(PCMLikeNoiseModel(g_max=25.0), weights, forward)
        layers[name].drift_analog_weights(3600.0)
    inputs = {}
    with torch.no_grad():
        for line in sys.stdin:
            request = json.loads(line)
            made, batch = layers[request["what"]], request["batch"]
            if (request["what"], batch) not in inputs:
                inputs[request["what"], batch] = torch.rand(batch, SIZE) * 2 - 1
                made(inputs[request["what"], batch])
            seconds, processor = [], []
            for _ in range(request["repeats"]):
                start, used = time.perf_counter(), time.process_time()
                made(inputs[request["what"], batch])
                seconds.append(time.perf_counter() - start)
                processor.append(time.process_time() - used)
            print(json.dumps({"seconds": seconds, "processor": processor}), flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    elif len(sys.argv) == 4 and sys.argv[1] == "statistics":
        torch.set_num_threads(1)
        statistics(sys.argv[2], sys.argv[3])
    else:
        sys.exit("usage: aihwkit_worker.py serve | statistics request.npz answer.npz")
