"""Families: how the pipelines of one class are conditioned, noised and asked.

Three are known. Text goes through the pipeline's own tokenizers and encoders; size, scheduler and what the
network predicts come from its configuration.

| family | conditions | network predicts |
|---|---|---|
| StableDiffusionPipeline (1.x, 2.x) | text | noise or velocity, as its scheduler says |
| StableDiffusionXLPipeline | text, pooled text, size and crop | the same |
| StableDiffusion3Pipeline | text, pooled text | the flow from picture to noise |
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

#: The tensors that one caption gives, each (1, ...), by name.
Conditions = dict[str, Tensor]
#: Noises, of the shape of the latents, and times, (rows,).
Chances = tuple[Tensor, Tensor]


class Family(Protocol):
    """The pipelines of one class. `pipe` is diffusers' pipeline, which has no useful types."""

    pipe: Any

    def conditions(self, caption: str, device: str) -> Conditions:
        """What the network is given of a caption; the text encoders are on `device`."""
        ...

    def chances(self, latents: Tensor, draws: torch.Generator) -> Chances:
        """A random noise and time for each row of latents, drawn on the CPU."""
        ...

    def losses(self, network: Any, latents: Tensor, given: Conditions, chances: Chances) -> Tensor:
        """The squared error of each row with its noise and at its time, (rows,); all on one device."""
        ...


def together(some: Sequence[Conditions], device: str) -> Conditions:
    """The conditions of several captions as rows of one batch, on `device`."""
    return {name: torch.cat([each[name] for each in some]).to(device) for name in some[0]}


@dataclass(frozen=True)
class _Noised(ABC):
    """What diffusion of steps shares: a scheduler of so many times, with noise added by its table."""

    pipe: Any

    def chances(self, latents: Tensor, draws: torch.Generator) -> Chances:
        """See `Family.chances`; every time is as likely."""
        noise = torch.randn(latents.shape, generator=draws)
        last = self.pipe.scheduler.config.num_train_timesteps
        return noise, torch.randint(0, last, (len(latents),), generator=draws)

    def losses(self, network: Any, latents: Tensor, given: Conditions, chances: Chances) -> Tensor:
        """See `Family.losses`; DDPM (Ho et al. 2020, arXiv:2006.11239) or its velocity (arXiv:2202.00512)."""
        scheduler = self._scheduler()
        noise, times = chances
        noisy = scheduler.add_noise(latents, noise, times)
        kind = scheduler.config.prediction_type
        if kind == "v_prediction":
            target = scheduler.get_velocity(latents, noise, times)
        else:
            target = {"epsilon": noise, "sample": latents}[kind]
        said = self.asked(network, noisy, times, given)
        return torch.as_tensor(((said.float() - target) ** 2).mean((1, 2, 3)))

    def _scheduler(self) -> Any:
        from diffusers import DDPMScheduler

        return DDPMScheduler.from_config(self.pipe.scheduler.config)  # type: ignore[no-untyped-call]

    @abstractmethod
    def asked(self, network: Any, noisy: Tensor, times: Tensor, given: Conditions) -> Tensor:
        """What the network says of noisy latents."""


class StableDiffusion(_Noised):
    """Stable Diffusion 1.x and 2.x (Rombach et al. 2022, arXiv:2112.10752)."""

    def conditions(self, caption: str, device: str) -> Conditions:
        """See `Family.conditions`."""
        text, _ = self.pipe.encode_prompt(caption, device, 1, False)
        return {"text": text}

    def asked(self, network: Any, noisy: Tensor, times: Tensor, given: Conditions) -> Tensor:
        """See `_Noised.asked`."""
        return torch.as_tensor(network(noisy, times, encoder_hidden_states=given["text"]).sample)


class StableDiffusionXL(_Noised):
    """SDXL (Podell et al. 2023, arXiv:2307.01952): it is also told a picture's size and crop."""

    def conditions(self, caption: str, device: str) -> Conditions:
        """See `Family.conditions`; pictures are framed at the size that is trained, and never cropped."""
        text, _, pooled, _ = self.pipe.encode_prompt(
            caption, device=device, num_images_per_prompt=1, do_classifier_free_guidance=False
        )
        side = self.pipe.default_sample_size * self.pipe.vae_scale_factor
        sizes = torch.tensor([[side, side, 0, 0, side, side]], dtype=text.dtype, device=text.device)
        return {"text": text, "pooled": pooled, "sizes": sizes}

    def asked(self, network: Any, noisy: Tensor, times: Tensor, given: Conditions) -> Tensor:
        """See `_Noised.asked`."""
        more = {"text_embeds": given["pooled"], "time_ids": given["sizes"]}
        said = network(noisy, times, encoder_hidden_states=given["text"], added_cond_kwargs=more)
        return torch.as_tensor(said.sample)


@dataclass(frozen=True)
class StableDiffusion3:
    """Stable Diffusion 3 (Esser et al. 2024, arXiv:2403.03206): a transformer trained by flow matching."""

    pipe: Any

    def conditions(self, caption: str, device: str) -> Conditions:
        """See `Family.conditions`."""
        text, _, pooled, _ = self.pipe.encode_prompt(
            caption, None, None, device=device, do_classifier_free_guidance=False
        )
        return {"text": text, "pooled": pooled}

    def chances(self, latents: Tensor, draws: torch.Generator) -> Chances:
        """See `Family.chances`; times are logit-normal, before the shift (section 3.1)."""
        noise = torch.randn(latents.shape, generator=draws)
        return noise, torch.sigmoid(torch.randn(len(latents), generator=draws))

    def losses(self, network: Any, latents: Tensor, given: Conditions, chances: Chances) -> Tensor:
        """See `Family.losses`; times are shifted as the scheduler does (section 5.3.2)."""
        noise, even = chances
        shift = float(self.pipe.scheduler.config.shift)
        shares = shift * even / (1 + (shift - 1) * even)
        wide = shares[:, None, None, None]
        said = network(
            hidden_states=(1 - wide) * latents + wide * noise,
            timestep=shares * self.pipe.scheduler.config.num_train_timesteps,
            encoder_hidden_states=given["text"],
            pooled_projections=given["pooled"],
        ).sample
        return torch.as_tensor(((said.float() - (noise - latents)) ** 2).mean((1, 2, 3)))


FAMILIES: dict[str, type[Any]] = {
    "StableDiffusionPipeline": StableDiffusion,
    "StableDiffusionXLPipeline": StableDiffusionXL,
    "StableDiffusion3Pipeline": StableDiffusion3,
}
