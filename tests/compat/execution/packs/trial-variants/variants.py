"""Types that are text, equal to all that they have something in common with."""


class Variant(str):
    def __ne__(self, other):
        if self == "*" or other == "*":
            return False
        return not set(self.split(",")) <= set(other.split(","))


def variants(cls):
    """Give a class such types, and a check of what is linked to it."""
    declare = cls.INPUT_TYPES

    def input_types(*args, **kwargs):
        types = declare(*args, **kwargs)
        for section in ("required", "optional"):
            for name, spec in types.get(section, {}).items():
                types[section][name] = (Variant(spec[0]), *spec[1:])
        return types

    def validate(input_types):
        declared = cls.INPUT_TYPES()
        wanted = {**declared.get("required", {}), **declared.get("optional", {})}
        for name, given in input_types.items():
            if name in wanted and Variant(given) != wanted[name][0]:
                return f"Invalid type of {name}: {given} (expected {wanted[name][0]})"
        return True

    cls.INPUT_TYPES = input_types
    cls.RETURN_TYPES = tuple(map(Variant, cls.RETURN_TYPES))
    cls.VALIDATE_INPUTS = validate
    return cls
