"""A few images through the RTL of the default tile; ``make sim`` runs all of them."""

from golden.presets import hermes
from tb.designs import read_metrics, simulate_tile

IMAGES = 20


def test_images_match_golden():
    simulate_tile(hermes, "hermes", "tb.network.network_tests",
                  env={"SEED": "1", "SECONDS": "25", "IMAGES": str(IMAGES)})
    outcome = read_metrics("hermes", "network")
    assert outcome["images"] == IMAGES
    assert outcome["vectors"] == 5 * IMAGES, "two column blocks, two row blocks, one plain layer"
    assert outcome["mismatches"] == 0
    assert outcome["accuracy_rtl"] == outcome["accuracy_golden"] >= 0.9
