"""HR-VITON (Lee et al., ECCV 2022): try-on conditions and image generator."""
