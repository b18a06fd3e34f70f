"""The border between digital and analog: inputs to pulses, currents to counts."""
