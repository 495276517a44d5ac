"""The registry as Python objects, read from the JSON that llvm-tblgen makes of api.td."""
import json
import re

RELEASES = (11, 12, 13)  # of CUDA, each with a libcudart of its own

class Registry:
    def __init__(self, path):
        with open(path) as file:
            self.json = json.load(file)
        self.driver = self._sorted("Driver")
        self.runtime = self._sorted("Runtime")
        self.functions = {f["!name"]: f for f in self.driver + self.runtime}
        for function in self.functions.values():
            function["Params"] = [self._record(p) for p in function["Params"]]
        self.handles = {r["!name"]: r for r in self._sorted("HandleType")}
        self.ordinals = {r["!name"]: r for r in self._sorted("OrdinalType")}
        self.enums = {r["!name"]: r for r in self._sorted("Enum")}
        for enum in self.enums.values():
            enum["Values"] = [self._record(v) for v in enum["Values"]]
        self.aggregates = {r["!name"]: r for r in self._sorted("Aggregate")}
        for aggregate in self.aggregates.values():
            aggregate["Fields"] = self._fields(aggregate["Fields"])
        self.typedefs = {r["!name"]: r for r in self._sorted("Typedef")}
        self.callbacks = {r["!name"]: r for r in self._sorted("Callback")}
        self.constants = {r["!name"]: r for r in self._sorted("Constant")}
        self._check()

    def _record(self, reference):
        return self.json[reference["def"]]

    def _sorted(self, cls):
        """Records of a class in the order of their definition: file by file, line by line."""
        def position(record):
            file, line = record["!locs"][0].rsplit(":", 1)
            return file, int(line)
        return sorted((self.json[n] for n in self.json["!instanceof"].get(cls, [])), key=position)

    def _fields(self, references):
        # TableGen shares anonymous records that are equal, so they are copied rather than changed in place.
        return [{**self._record(r), "Members": self._fields(self._record(r)["Members"])} for r in references]

    def _check(self):
        for function in self.functions.values():
            names = [p["Name"] for p in function["Params"]]
            where = f'{function["!locs"][0]}: {function["!name"]}'
            for param in function["Params"]:
                if param["Kind"] in ("handle", "opthandle") and self.object_of(param["Type"]) is None:
                    raise SystemExit(f'{where}: {param["Type"]} is no handle type')
                if param["Kind"] == "array" and param["Count"] not in names:
                    raise SystemExit(f'{where}: there is no parameter {param["Count"]}')
            for key in ("AliasOf", "ForwardsTo"):
                if function.get(key) and function[key] not in self.functions:
                    raise SystemExit(f"{where}: there is no {function[key]}")
            if "Names" in function and exported_name(function, 13) not in ("", function["!name"]):
                raise SystemExit(f"{where}: the newest release decides on the name")
            if not function["Noun"]:
                raise SystemExit(f"{where}: belongs to no noun")

    def object_of(self, type_name):
        record = self.handles.get(type_name) or self.ordinals.get(type_name)
        return record["Object"] if record else None

    def implemented(self, function):
        """Whether an entry point does what it is for, or answers with the error that the manual has for it."""
        if function.get("AliasOf"):
            return self.implemented(self.functions[function["AliasOf"]])
        return function["Status"] != "stub" or bool(function["Answer"])


def base_name(name):
    return re.sub(r"_v\d+$", "", name)


def nouns(functions):
    return sorted({f["Noun"] for f in functions})


def symbols(function):
    """(exported name, since or 0, whether stream 0 is the per-thread default stream) of an entry point."""
    name = function["!name"]
    yield name, function.get("Since", 0), False
    if function["Ptsz"]:
        yield name + "_ptsz", function["Ptsz"], True
    if function["Ptds"]:
        yield name + "_ptds", function["Ptds"], True


def exported_name(function, release):
    """What libcudart of a release of CUDA calls an entry point of the runtime; "" if it has none such."""
    if function["Names"]:
        return function["Names"][RELEASES.index(release)]
    return function["!name"] if release >= function["From"] else ""


def runtime_symbols(function, release):
    """(exported name, whether stream 0 is the per-thread default stream) in libcudart of a release."""
    name = exported_name(function, release)
    if name:
        yield name, False
        if function["Ptsz"]:
            yield name + "_ptsz", True
        if function["Ptds"]:
            yield name + "_ptds", True


def declare(type_name, name):
    """`int a[3]`, `void (*f)(int)`: C spells a declaration around its name."""
    if "[" in type_name:
        head, dims = type_name.split("[", 1)
        return f"{head} {name}[{dims}"
    return f"{type_name} {name}"


def signature(function, with_defaults=False):
    params = []
    for param in function["Params"]:
        text = declare(param["Type"], param["Name"])
        if with_defaults and param["Default"]:
            text += f' TIANQIAO_DEFAULT({param["Default"]})'
        params.append(text)
    return ", ".join(params) or "void"
