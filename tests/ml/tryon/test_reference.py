"""The entry for numbers of the official code: names, kinds of values, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ml.tryon import reference


def test_every_network_is_built_by_its_name_in_eval_mode() -> None:
    assert len(reference.NETWORKS) == 7
    for network in reference.NETWORKS:
        with torch.device("meta"):
            module = reference.build(network, (256, 128))
        assert not module.training
        assert len(module.state_dict()) > 30


@pytest.mark.parametrize("name", ["flow_style", "flow_style/seg", "nobody/gen"])
def test_an_unknown_network_says_what_there_is(name: str) -> None:
    with pytest.raises(ValueError, match="hr_viton/tocg"):
        reference.build(name)


def test_outputs_are_of_the_inputs_kind() -> None:
    module = reference.build("flow_style/gen")
    x = np.zeros((1, 7, 32, 32), np.float32)
    array = reference.forward("flow_style/gen", module, {"x": x})["out"]
    tensor = reference.forward("flow_style/gen", module, {"x": torch.from_numpy(x)})["out"]
    assert isinstance(array, np.ndarray)
    assert isinstance(tensor, torch.Tensor)
    assert not tensor.requires_grad
    assert (tensor.numpy() == array).all()
    assert array.shape == (1, 4, 32, 32)


def test_a_pipeline_names_what_is_missing() -> None:
    with pytest.raises(ValueError, match="missing for flow_style: gen"):
        reference.run_pipeline("flow_style", ".", {"flow_style/warp": {}})
    with pytest.raises(ValueError, match="no engine 'drape'"):
        reference.run_pipeline("drape", ".", {})
