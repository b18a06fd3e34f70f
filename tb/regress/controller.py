"""The controller: chains that run by themselves."""

from golden.config import ArrayConfig, TileConfig
from golden.presets import hermes
from tb.designs import read_metrics, simulate_tile
from tb.figures import Figure

__all__ = ["SERIAL", "network", "utilisation"]

COMMAND = "make regress"
SERIAL = TileConfig(array=ArrayConfig(rows=512, columns=1024))
"""All layers of the classifier fit side by side: 64 x 512, 512 x 256 and 256 x 10."""
IMAGES, BATCH, SECONDS = 500, 10, 25.0
VECTORS = 10_000


def network(console):
    """The whole classifier in one array, from one chain of descriptors."""
    simulate_tile(SERIAL, "serial", "tb.regress.controller_tests", env={
        "IMAGES": str(IMAGES), "BATCH": str(BATCH), "SECONDS": str(SECONDS)})
    run = read_metrics("serial", "network")
    console.print(
        f"{run['images']} images in {run['windows']:,} windows and {run['clocks']:,} clocks, after "
        f"{run['set_up']:,} writes to set the tile up: accuracy {100 * run['accuracy_rtl']:.1f} %, "
        f"golden {100 * run['accuracy_golden']:.1f} %", highlight=False)

    def reported(name, value, unit):
        return Figure.reported(f"controller.{name}", value, unit=unit, command=COMMAND)

    return [
        Figure.at_most("controller.network_mismatches", run["mismatches"] + run["wrong_windows"], 0,
                       unit="", command=COMMAND),
        Figure.at_least("controller.network_images", run["images"], IMAGES, unit="images",
                        command=COMMAND),
        reported("host_accesses_per_image", run["accesses"] / run["images"], "accesses"),
        reported("network_clocks_per_image", run["clocks"] / run["images"], "clocks"),
        reported("network_integrating", 100 * run["integrated"] / run["clocks"], "%"),
        reported("network_accuracy", 100 * run["accuracy_rtl"], "%"),
    ]


def utilisation(console):
    """Share of the clocks in which the array integrates, in a job of 10,000 vectors."""
    simulate_tile(hermes, "hermes", "tb.regress.controller_tests", env={"VECTORS": str(VECTORS)})
    run = read_metrics("hermes", "one_long_job")
    console.print(f"{run['vectors']:,} vectors in {run['clocks']:,} clocks, gates open for "
                  f"{run['integrated']:,}", highlight=False)
    return [Figure.at_least("controller.utilisation", 100 * run["integrated"] / run["clocks"], 99,
                            unit="%", command=COMMAND)]
