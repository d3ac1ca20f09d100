# A transformer encoder of two layers that normalise first.
import torch
import torch.nn.functional as F
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Parameter(torch.empty(100, 32).normal_(std=0.1))
        self.places = nn.Parameter(torch.empty(16, 32).normal_(std=0.1))
        self.layers = nn.ModuleList(Layer(32, 2) for _ in range(2))
        self.norm = nn.LayerNorm(32)

    def forward(self, tokens, mask):
        x = self.words[tokens] + self.places[: tokens.shape[1]]
        for layer in self.layers:
            x = layer(x, mask)
        return self.norm(x)


class Layer(nn.Module):
    def __init__(self, m, heads):
        super().__init__()
        self.norm = nn.LayerNorm(m)
        self.attention = Attention(m, heads)
        self.norm_2 = nn.LayerNorm(m)
        self.wide = dense(m, 128)
        self.dense = dense(128, m)

    def forward(self, x, mask):
        x = x + self.attention(self.norm(x), mask)
        return x + self.dense(F.gelu(self.wide(self.norm_2(x))))


class Attention(nn.Module):
    def __init__(self, m, heads):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.out = (dense(m, m) for _ in range(4))

    def forward(self, x, mask):
        q, k, v = (f(x).unflatten(-1, (self.heads, -1)) for f in (self.q, self.k, self.v))
        scores = torch.einsum("bqhd,bkhd->bhqk", q, k) / q.shape[-1] ** 0.5
        weights = F.softmax(scores.masked_fill(~mask[:, None, None, :], -10000.0), dim=-1)
        return self.out(torch.einsum("bhqk,bkhd->bqhd", weights, v).flatten(-2))


def dense(inputs, width):
    layer = nn.Linear(inputs, width)
    nn.init.normal_(layer.weight, std=0.1)
    nn.init.zeros_(layer.bias)
    return layer
