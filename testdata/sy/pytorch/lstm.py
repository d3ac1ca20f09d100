# One step of a long short-term memory, whose state stays in the module.
import torch
from torch import nn


class Lstm(nn.Module):
    def __init__(self, batch):
        super().__init__()
        self.cell = Cell(32, 64)
        self.register_buffer("h", torch.zeros(batch, 64))
        self.register_buffer("c", torch.zeros(batch, 64))

    def forward(self, x):
        self.h, self.c = self.cell(x, self.h, self.c)
        return self.h


class Cell(nn.Module):
    def __init__(self, m, k):
        super().__init__()
        self.w = nn.Parameter(torch.empty(m, 4 * k).uniform_(-0.1, 0.1))
        self.u = nn.Parameter(torch.empty(k, 4 * k).uniform_(-0.1, 0.1))
        self.b = nn.Parameter(torch.zeros(4 * k))

    def forward(self, x, h, c):
        i, f, o, g = (x @ self.w + h @ self.u + self.b).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c
