"""Attention layers for Keras 3 that become static int8 on a microcontroller, one a file.

Importing this package makes them all known to Keras: files that hold them load without `custom_objects`.
"""

from __future__ import annotations

from edgeattn.layers.cbam import CBAM as CBAM
from edgeattn.layers.channel_attention import ChannelAttention as ChannelAttention
from edgeattn.layers.coordinate_attention import CoordinateAttention as CoordinateAttention
from edgeattn.layers.distance_spatial_attention import DistanceSpatialAttention as DistanceSpatialAttention
from edgeattn.layers.efficient_channel_attention import EfficientChannelAttention as EfficientChannelAttention
from edgeattn.layers.global_context import GlobalContext as GlobalContext
from edgeattn.layers.insert_attention import insert_attention as insert_attention
from edgeattn.layers.self_attention_2d import SelfAttention2D as SelfAttention2D
from edgeattn.layers.spatial_attention import SpatialAttention as SpatialAttention
from edgeattn.layers.squeeze_excite import SqueezeExcite as SqueezeExcite
