"""What is known of catalogue pictures: found in the background, corrected by staff."""
