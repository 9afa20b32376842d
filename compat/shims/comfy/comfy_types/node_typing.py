"""The same names, where packs find them as well."""

from compat.nodes.importing import lacking
from compat.shims.comfy.comfy_types import (
    IO as IO,
)
from compat.shims.comfy.comfy_types import (
    CheckLazyMixin as CheckLazyMixin,
)
from compat.shims.comfy.comfy_types import (
    ComfyNodeABC as ComfyNodeABC,
)
from compat.shims.comfy.comfy_types import (
    FileLocator as FileLocator,
)
from compat.shims.comfy.comfy_types import (
    InputTypeDict as InputTypeDict,
)

__getattr__ = lacking(__name__)
