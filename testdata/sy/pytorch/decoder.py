# One step of a transformer decoder: a token in, scores of the next one out. Keys and values stay in the module.
import torch
import torch.nn.functional as F
from torch import nn


class Decoder(nn.Module):
    def __init__(self, batch):
        super().__init__()
        self.words = nn.Parameter(torch.empty(100, 32).normal_(std=0.1))
        self.places = nn.Parameter(torch.empty(16, 32).normal_(std=0.1))
        self.layers = nn.ModuleList(Layer(batch, 32, 2, 16) for _ in range(2))
        self.norm = nn.LayerNorm(32)

    def forward(self, token, position):
        x = self.words[token] + self.places[position]
        for layer in self.layers:
            x = layer(x, position)
        return self.norm(x) @ self.words.T


class Layer(nn.Module):
    def __init__(self, batch, m, heads, length):
        super().__init__()
        self.norm = nn.LayerNorm(m)
        self.attention = Attention(batch, m, heads, length)
        self.norm_2 = nn.LayerNorm(m)
        self.wide = dense(m, 128)
        self.dense = dense(128, m)

    def forward(self, x, position):
        x = x + self.attention(self.norm(x), position)
        return x + self.dense(F.gelu(self.wide(self.norm_2(x))))


class Attention(nn.Module):
    def __init__(self, batch, m, heads, length):
        super().__init__()
        self.heads = heads
        self.keys = Cache(batch, m, heads, length)
        self.values = Cache(batch, m, heads, length)
        self.q, self.out = dense(m, m), dense(m, m)

    def forward(self, x, position):
        keys, values = self.keys(x, position), self.values(x, position)
        q = self.q(x).unflatten(-1, (self.heads, -1))
        scores = torch.einsum("bhd,bhld->bhl", q, keys) / q.shape[-1] ** 0.5
        unseen = torch.arange(keys.shape[2]) > position
        weights = F.softmax(scores.masked_fill(unseen, -10000.0), dim=-1)
        return self.out(torch.einsum("bhl,bhld->bhd", weights, values).flatten(-2))


# What was computed of x at all positions so far.
class Cache(nn.Module):
    def __init__(self, batch, m, heads, length):
        super().__init__()
        self.dense = dense(m, m)
        self.register_buffer("all", torch.zeros(batch, heads, length, m // heads))

    def forward(self, x, position):
        self.all[:, :, position] = self.dense(x).unflatten(-1, (self.all.shape[1], -1))
        return self.all


def dense(inputs, width):
    layer = nn.Linear(inputs, width)
    nn.init.normal_(layer.weight, std=0.1)
    nn.init.zeros_(layer.bias)
    return layer
