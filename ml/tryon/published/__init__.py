"""What VITON-HD and HR-VITON share: labels, clothing-agnostic pictures, the picture generator.

VITON-HD: Choi et al., "VITON-HD: High-Resolution Virtual Try-On via Misalignment-Aware
Normalization", CVPR 2021. HR-VITON: Lee et al., "High-Resolution Virtual Try-On with Misalignment
and Occlusion-Handled Conditions", ECCV 2022. Both are written anew here; their parameter names are
those of the official checkpoint files.

Tensors are (N, C, H, W), RGB in -1..1, masks and one-hot maps in 0..1. Every bilinear resize and
every ``grid_sample`` has ``align_corners=False``, because the official weights were trained so.
"""
