"""The last block of a vision transformer of which the class token alone is read."""

from open_clip.transformer import ResidualAttentionBlock, VisionTransformer
from torch import Tensor, nn


class ClassTokenBlock(ResidualAttentionBlock):
    """A residual attention block that computes the class token alone, which attends to all tokens as before.

    Args:
        block: The block, whose modules it takes over under their names.
    """

    def __init__(self, block: ResidualAttentionBlock) -> None:
        nn.Module.__init__(self)
        for name, module in block.named_children():
            self.add_module(name, module)

    def forward(
        self,
        q_x: Tensor,
        k_x: Tensor | None = None,
        v_x: Tensor | None = None,
        attn_mask: Tensor | None = None,
    ) -> Tensor:
        """Tokens ``q_x`` (N, L, D), the class token first, to that token's output (N, 1, D)."""
        if k_x is not None or v_x is not None or attn_mask is not None:
            raise ValueError("the class token attends to all tokens of its image, and to no others")
        keys = self.ln_1(q_x)
        token = q_x[:, :1] + self.ls_1(self.attention(keys[:, :1], keys, keys))
        output: Tensor = token + self.ls_2(self.mlp(self.ln_2(token)))
        return output


def leave_out_unread(visual: nn.Module) -> None:
    """Let an image tower's last block compute what is read of it, where that is the class token alone.

    In ViT-B-32 this saves a fifteenth of all operations. Other kinds of towers, and those that pool all tokens, stay as
    they are.

    Args:
        visual: The image tower of an open_clip model.
    """
    if not isinstance(visual, VisionTransformer) or visual.output_tokens or visual.attn_pool is not None:
        return
    blocks = visual.transformer.resblocks
    if (
        visual.pool_type == "tok"
        and visual.transformer.batch_first
        and type(blocks[-1]) is ResidualAttentionBlock
    ):
        blocks[-1] = ClassTokenBlock(blocks[-1])
