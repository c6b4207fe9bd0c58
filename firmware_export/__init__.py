"""int8 TFLite in, self-contained C for Cortex-M out, proved in an emulator."""
