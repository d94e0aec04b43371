"""The recipe of the person annotator: samples, augmentation, losses, figures, model card."""
