"""Images in, images and numbers out. No Django in here.

Conventions, everywhere unless a docstring says otherwise:

- images are ``uint8`` arrays, height x width x 3, sRGB, not premultiplied;
- masks and alphas are ``uint8`` height x width, 0 = nothing, 255 = all;
- points are ``(x, y)`` in pixels of a named image, pixel centres at integer + 0.5 only where said:
  the centre of the top-left pixel is ``(0, 0)`` as in OpenCV;
- sizes are ``(height, width)``;
- left and right are the wearer's: on a front view the wearer's left is on the image's right;
- warps map output to input (what ``cv2.remap`` wants);
- values that cross a module's border are frozen dataclasses that check themselves when made.
"""
