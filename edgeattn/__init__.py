"""Keras networks with attention, quantised to int8 and exported to STM32."""
