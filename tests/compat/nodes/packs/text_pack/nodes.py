import re

from aiohttp import web

from server import PromptServer

from .helpers import words

NODE_CLASS_MAPPINGS = {}
NODE_DISPLAY_NAME_MAPPINGS = {}


def register(cls):
    NODE_CLASS_MAPPINGS[cls.__name__] = cls
    NODE_DISPLAY_NAME_MAPPINGS[cls.__name__] = cls.TITLE
    return cls


@PromptServer.instance.routes.get("/text_pack/hello")
async def hello(request):
    return web.json_response({"hello": True})


@PromptServer.instance.routes.post("/text_pack/{name}/echo")
async def echo(request):
    name = request.match_info["name"]
    if not name.isalpha():
        return web.Response(status=422)
    return web.json_response({name: await request.json()})


def on_prompt(json_data):
    for node in json_data["prompt"].values():
        if node["inputs"].get("text") == "%later%":
            node["inputs"]["text"] = "filled\nby the pack"
    return json_data


def on_prompt_that_fails(json_data):
    raise RuntimeError("a handler that fails changes nothing")


PromptServer.instance.add_on_prompt_handler(on_prompt)
PromptServer.instance.add_on_prompt_handler(on_prompt_that_fails)


@register
class PackTextReplace:
    TITLE = "Replace Text"

    @classmethod
    def INPUT_TYPES(s):
        return {
            "required": {
                "text": ("STRING", {"multiline": True, "dynamicPrompts": False, "default": "a red cat"}),
                "pattern": ("STRING", {"default": "red"}),
                "instead": ("STRING", {"default": "blue", "placeholder": "a word"}),
            },
            "optional": {"prefix": ("STRING", {"forceInput": True}), "suffix": ("STRING", {"default": ""})},
        }

    RETURN_TYPES = ("STRING", "INT")
    RETURN_NAMES = ("STRING", "words")
    FUNCTION = "replace"
    CATEGORY = "text"

    def replace(self, text, pattern, instead, prefix="<", suffix=">"):
        made = prefix + re.sub(pattern, instead, text) + suffix
        return made, words(made)


@register
class PackShowText:
    TITLE = "Show Text"
    INPUT_IS_LIST = True
    OUTPUT_IS_LIST = (True,)
    OUTPUT_NODE = True

    @classmethod
    def INPUT_TYPES(s):
        return {
            "required": {"text": ("STRING", {"forceInput": True})},
            "hidden": {"unique_id": "UNIQUE_ID", "extra_pnginfo": "EXTRA_PNGINFO"},
        }

    RETURN_TYPES = ("STRING",)
    FUNCTION = "notify"
    CATEGORY = "text"

    def notify(self, text, unique_id=None, extra_pnginfo=None):
        assert isinstance(unique_id, list) and isinstance(extra_pnginfo, list)
        PromptServer.instance.send_sync("text_pack.shown", {"node": unique_id[0], "count": len(text)})
        return {"ui": {"text": text}, "result": (text,)}


@register
class PackSplit:
    TITLE = "Split Lines"
    OUTPUT_IS_LIST = (True, False)

    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"text": ("STRING", {"multiline": True})}}

    RETURN_TYPES = ("STRING", "INT")
    FUNCTION = "split"
    CATEGORY = "text"

    def split(self, text):
        lines = text.splitlines()
        return lines, len(lines)


@register
class PackJoin:
    TITLE = "Join"
    INPUT_IS_LIST = True

    @classmethod
    def INPUT_TYPES(s):
        return {
            "required": {
                "lines": ("STRING", {"forceInput": True}),
                "separator": ("STRING", {"default": ", "}),
            }
        }

    RETURN_TYPES = ("STRING",)
    FUNCTION = "join"
    CATEGORY = "text"

    def join(self, lines, separator):
        return (separator[0].join(lines),)
