"""Figures in three dimensions, rendered with Blender's Cycles. Development only.

Runs in its own environment (``requirements/studio.txt``: numpy and ``bpy`` alone), started by
``ml.studio`` through ``python -m ml.studio.blender.run JOB``. ``sdf``, ``mesher`` and ``shape``
need numpy only; everything else needs ``bpy``.

Shapes are modelled in centimetres, Blender's objects are in metres. x points to the figure's own
left (the picture's right), y away from the camera, z up; the floor is z = 0.
"""
