"""The drawer of the demo: fitting models and garments with exact labels. Development only.

Nothing that runs in production imports this package; what it draws is committed under
``fixtures/demo``. Everything is computed here from formulas and seeds: no photograph, no
third-party picture goes in.

World coordinates of figures: centimetres, x to the image's right (a figure's own left), y up from
the floor, z towards the camera.
"""
