# Two layers and a softmax.
import torch.nn.functional as F
from torch import nn


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.h = dense(784, 128)
        self.y = dense(128, 10)

    def forward(self, x):
        h = F.relu(self.h(x))
        return F.softmax(self.y(h), dim=-1)


def dense(inputs, width):
    layer = nn.Linear(inputs, width)
    nn.init.normal_(layer.weight, std=0.05)
    nn.init.zeros_(layer.bias)
    return layer
