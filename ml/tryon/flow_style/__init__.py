"""Flow-Style-VTON: He, Song, Xiang, "Style-Based Global Appearance Flow for Virtual Try-On"
(CVPR 2022), written from the paper, with the parameter names of the official checkpoints."""
