# Three convolutions, each of which halves the image, and a layer on the mean of what is left.
import torch.nn.functional as F
from torch import nn


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(Block(3, 16), Block(16, 32), Block(32, 64))
        self.scores = nn.Linear(64, 10)
        nn.init.normal_(self.scores.weight, std=0.1)
        nn.init.zeros_(self.scores.bias)

    def forward(self, image):
        return self.scores(self.blocks(image).mean(dim=(2, 3)))


class Block(nn.Module):
    def __init__(self, inputs, channels):
        super().__init__()
        self.conv = nn.Conv2d(inputs, channels, 3, padding=1)
        nn.init.normal_(self.conv.weight, std=0.1)
        nn.init.zeros_(self.conv.bias)

    def forward(self, x):
        return F.max_pool2d(F.relu(self.conv(x)), 2)
