"""Stand-ins for PyTorch and Triton that agree to anything: a dry run goes through every line of these scripts but theirs."""
import ctypes
import sys
import types


class Anything:
    """A tensor, a module, a function: whatever is asked of it."""

    def __init__(self, *_, **__):
        pass

    def __call__(self, *arguments, **_):
        # A decorator gives the function back.
        return arguments[0] if len(arguments) == 1 and isinstance(arguments[0], types.FunctionType) else Anything()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        known = {"itemsize": 4, "cuda_stream": 0, "shape": (3, 4, 2048)}
        return known.get(name, Anything())

    def __getitem__(self, _):
        return Anything()

    def __iter__(self):
        return iter([Anything(), Anything()])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    def __float__(self):
        return 1.0

    def __index__(self):
        return 8

    def __format__(self, specification):
        return format(1.0, specification) if specification else "stand-in"

    def __bool__(self):
        return True

    def __hash__(self):
        return 0


def answer(*_):
    return Anything()


def compare(*_):
    return True


for operation in ("add", "sub", "mul", "truediv", "matmul", "pow", "radd", "rsub", "rmul", "rtruediv", "neg", "abs"):
    setattr(Anything, f"__{operation}__", answer)
for comparison in ("lt", "le", "gt", "ge", "eq"):
    setattr(Anything, f"__{comparison}__", compare)


def module(name, **members):
    made = types.ModuleType(name)
    made.__getattr__ = lambda member: Anything()
    for member, value in members.items():
        setattr(made, member, value)
    sys.modules[name] = made
    return made


def install():
    class Context:
        def save_for_backward(self, *tensors):
            self.saved_tensors = tensors

    class Function:
        @classmethod
        def apply(cls, *arguments):
            context = Context()
            cls.forward(context, *arguments)
            result = Anything()
            result.backward = lambda gradient: cls.backward(context, gradient)
            return result

    class Module:
        def __call__(self, *arguments):
            return self.forward(*arguments)

        def parameters(self):
            return [Anything()]

    class Event(Anything):
        def elapsed_time(self, _):
            return 60.0

    class OutOfMemoryError(Exception):
        pass

    class Library:
        def __getattr__(self, _):
            return lambda *arguments: 0

    ctypes.CDLL = lambda name: Library()
    functional = module("torch.nn.functional")
    nn = module("torch.nn", functional=functional, Module=Module, Parameter=lambda x: Anything())
    cuda = module("torch.cuda", Event=Event, OutOfMemoryError=OutOfMemoryError)
    module(
        "torch", nn=nn, cuda=cuda, __version__="stand-in", compile=lambda function, **_: function, float32=Anything(),
        autograd=types.SimpleNamespace(Function=Function), no_grad=Anything)
    module("triton", __version__="stand-in", jit=lambda function: Anything(), cdiv=lambda a, b: 1)
    sys.modules["triton"].language = module("triton.language")
