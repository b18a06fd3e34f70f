"""The analog array: devices and crossbars, in floats with units and explicit generators."""
