"""Small pipelines of three families, with random weights: built from configurations, nothing is fetched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from tokenizers.pre_tokenizers import ByteLevel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

FAMILIES = ("sd", "sdxl", "sd3")
_BETAS = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
_BLOCKS = {
    "sample_size": 32,
    "block_out_channels": (32, 64),
    "layers_per_block": 1,
    "in_channels": 4,
    "out_channels": 4,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
    "norm_num_groups": 8,
}


def write_pipeline(folder: Path, family: str, prediction: str = "epsilon") -> Path:
    """A pipeline of a family (FAMILIES) that draws 64 pixels, as diffusers saves one."""
    torch.manual_seed(0)
    made = {"sd": _sd, "sdxl": _sdxl, "sd3": _sd3}[family](folder, prediction)
    made.save_pretrained(folder, safe_serialization=True)
    return folder


def _sd(folder: Path, prediction: str) -> Any:
    unet = UNet2DConditionModel(cross_attention_dim=32, attention_head_dim=8, **_BLOCKS)
    return StableDiffusionPipeline(
        vae=_vae(),
        text_encoder=_text(),
        tokenizer=_tokenizer(folder / "tokenizer"),
        unet=unet,
        scheduler=DDIMScheduler(clip_sample=False, steps_offset=1, prediction_type=prediction, **_BETAS),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def _sdxl(folder: Path, prediction: str) -> Any:
    unet = UNet2DConditionModel(
        cross_attention_dim=64,
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        transformer_layers_per_block=(1, 2),
        projection_class_embeddings_input_dim=80,
        **_BLOCKS,
    )
    return StableDiffusionXLPipeline(
        vae=_vae(),
        text_encoder=_text(),
        text_encoder_2=_text(32),
        tokenizer=_tokenizer(folder / "tokenizer"),
        tokenizer_2=_tokenizer(folder / "tokenizer_2"),
        unet=unet,
        scheduler=EulerDiscreteScheduler(prediction_type=prediction, timestep_spacing="leading", **_BETAS),
    )


def _sd3(folder: Path, prediction: str) -> Any:
    transformer = SD3Transformer2DModel(
        sample_size=32,
        patch_size=2,
        in_channels=4,
        out_channels=4,
        num_layers=2,
        attention_head_dim=8,
        num_attention_heads=4,
        caption_projection_dim=32,
        joint_attention_dim=64,
        pooled_projection_dim=64,
    )
    return StableDiffusion3Pipeline(
        transformer=transformer,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=_vae(use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.06, scaling_factor=1.5),
        text_encoder=_text(32),
        tokenizer=_tokenizer(folder / "tokenizer"),
        text_encoder_2=_text(32),
        tokenizer_2=_tokenizer(folder / "tokenizer_2"),
        text_encoder_3=None,
        tokenizer_3=None,
    )


def _vae(**more: Any) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(32, 64),
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=4,
        sample_size=64,
        norm_num_groups=8,
        **more,
    )


def _text(projection: int | None = None) -> Any:
    config = CLIPTextConfig(
        vocab_size=514,
        hidden_size=32,
        intermediate_size=37,
        num_attention_heads=4,
        num_hidden_layers=3,
        max_position_embeddings=77,
        bos_token_id=512,
        eos_token_id=513,
        pad_token_id=513,
        projection_dim=projection or 32,
    )
    return (CLIPTextModelWithProjection if projection else CLIPTextModel)(config)


def _tokenizer(folder: Path) -> CLIPTokenizer:
    """A token a letter: no merges, so any word can be written."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = sorted(ByteLevel.alphabet())
    words = letters + [f"{each}</w>" for each in letters] + ["<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({word: number for number, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77)
