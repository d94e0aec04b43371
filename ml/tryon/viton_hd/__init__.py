"""VITON-HD (Choi et al., CVPR 2021): segmentation, geometric matching, ALIAS generator."""
