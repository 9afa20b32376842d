import a_library_that_is_not_installed

NODE_CLASS_MAPPINGS = {"Broken": a_library_that_is_not_installed.Node}
