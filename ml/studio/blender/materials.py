"""Surfaces of a figure: satin skin, cloth with a fine weave, sculpted hair, shoes."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from ml.studio.blender.scene import linear, material
from ml.studio.blender.sdf import Array


def paint(thing: Any, name: str, colours: Array) -> None:
    """Write colours (N, 3) of the vertices, linear RGB, as the attribute ``name``."""
    rgba = np.concatenate([colours, np.ones((len(colours), 1))], axis=1).astype(np.float32)
    attribute = thing.data.attributes.new(name, "FLOAT_COLOR", "POINT")
    attribute.data.foreach_set("color", rgba.ravel())


def shaded(shade: Array, colour: str) -> Array:
    """(N, 3): a colour under a factor per vertex."""
    return np.asarray(shade[:, None] * np.array(linear(colour)[:3]))


def skin() -> Any:
    made = material("skin", "#ffffff", 0.40, Coat_Weight=0.10, Coat_Roughness=0.3)
    tree = made.node_tree
    surface = tree.nodes["Principled BSDF"]
    _painted(tree, surface)
    surface.inputs["Specular IOR Level"].default_value = 0.42
    surface.inputs["Sheen Weight"].default_value = 0.10
    return made


def cloth(name: str, weave: float = 1500.0, depth: float = 0.12) -> Any:
    made = material(name, "#ffffff", 0.88, Sheen_Weight=0.25, Sheen_Roughness=0.4)
    tree = made.node_tree
    surface = tree.nodes["Principled BSDF"]
    _painted(tree, surface)
    surface.inputs["Specular IOR Level"].default_value = 0.2
    _bump(tree, surface, weave, depth)
    return made


def hair() -> Any:
    made = material("hair", "#ffffff", 0.42)
    tree = made.node_tree
    surface = tree.nodes["Principled BSDF"]
    _painted(tree, surface)
    surface.inputs["Specular IOR Level"].default_value = 0.35
    return made


def shoes() -> Any:
    made = material("shoes", "#ffffff", 0.55)
    tree = made.node_tree
    _painted(tree, tree.nodes["Principled BSDF"])
    return made


def _painted(tree: Any, surface: Any) -> None:
    colour = tree.nodes.new("ShaderNodeAttribute")
    colour.attribute_name = "paint"
    tree.links.new(colour.outputs["Color"], surface.inputs["Base Color"])


def _bump(tree: Any, surface: Any, scale: float, depth: float) -> None:
    noise = tree.nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = scale / 4
    noise.inputs["Detail"].default_value = 1.0
    bump = tree.nodes.new("ShaderNodeBump")
    bump.inputs["Strength"].default_value = depth
    bump.inputs["Distance"].default_value = 0.002
    tree.links.new(noise.outputs["Fac"], bump.inputs["Height"])
    tree.links.new(bump.outputs["Normal"], surface.inputs["Normal"])


def numbers() -> Any:
    """Emits labels instead of light: ATR class + 32 * surface part, packed u and v, depth."""
    made = bpy.data.materials.new("numbers")
    made.use_nodes = True
    tree = made.node_tree
    tree.nodes.clear()

    def attribute(name: str, output: str) -> Any:
        node = tree.nodes.new("ShaderNodeAttribute")
        node.attribute_name = name
        return node.outputs[output]

    def math(operation: str, a: Any, b: Any = 0.0, c: Any = 0.0) -> Any:
        node = tree.nodes.new("ShaderNodeMath")
        node.operation = operation
        for n, value in enumerate((a, b, c)):
            if isinstance(value, float):
                node.inputs[n].default_value = value
            else:
                tree.links.new(value, node.inputs[n])
        return node.outputs[0]

    split = tree.nodes.new("ShaderNodeSeparateXYZ")
    tree.links.new(attribute("body_uv", "Vector"), split.inputs[0])
    u, v = (math("ROUND", math("MULTIPLY", split.outputs[n], 255.0)) for n in range(2))
    join = tree.nodes.new("ShaderNodeCombineXYZ")
    ids = math("MULTIPLY_ADD", attribute("part", "Fac"), 32.0, attribute("atr", "Fac"))
    tree.links.new(ids, join.inputs[0])
    tree.links.new(math("MULTIPLY_ADD", v, 256.0, u), join.inputs[1])
    depth = tree.nodes.new("ShaderNodeCameraData")
    tree.links.new(depth.outputs["View Z Depth"], join.inputs[2])
    glow = tree.nodes.new("ShaderNodeEmission")
    tree.links.new(join.outputs[0], glow.inputs["Color"])
    out = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(glow.outputs[0], out.inputs["Surface"])
    return made
