"""Half-precision values as PyTorch converts them, for tests/round_trips.rs.

Writes halves.safetensors beside this file: `f16` and `bf16`, 512 values each (every 128th bit pattern, so that both signs,
zeros, subnormal numbers, infinities and NaN are there), and `f16.bits` and `bf16.bits`, the bits of the same values as float32.
Run: python halves.py    needs torch and safetensors (PyPI)
"""
import pathlib
import torch
from safetensors.torch import save_file

patterns = torch.arange(0, 1 << 16, 128, dtype=torch.int32).to(torch.uint16)
tensors = {}
for name, dtype in (("f16", torch.float16), ("bf16", torch.bfloat16)):
    values = patterns.view(dtype).clone()
    tensors[name] = values
    tensors[f"{name}.bits"] = values.float().view(torch.int32).to(torch.int64) & 0xFFFFFFFF
save_file(tensors, pathlib.Path(__file__).with_name("halves.safetensors"))
